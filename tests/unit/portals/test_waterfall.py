"""The waterfall: each bar begins where the one before it ended, all on one scale."""

from concord.portals.ui.waterfall import WIDTH, waterfall


def test_bars_follow_each_other_and_the_last_is_the_sum() -> None:
    drawn = waterfall([-10.0, 30.0, -5.0], [3.0])
    first, second, third, total = ((float(bar.x), float(bar.x) + float(bar.width), bar.against) for bar in drawn.bars)
    nought = float(drawn.nought)
    assert (first[0], round(first[1]), first[2]) == (second[0], round(nought), True)
    assert (round(second[1]), second[2]) == (round(third[1]), False)
    assert (round(third[0], 1), third[2]) == (round(total[1], 1), True)
    assert (total[0], total[2]) == (nought, False)


def test_it_fits_and_shows_marks_that_nothing_reaches() -> None:
    for pieces in ([-17.1], [-17.1, 60.0], [0.0], [1.0, -1.0]):
        drawn = waterfall(pieces, [3.0, 12.0])
        places = [float(bar.x) + float(bar.width) for bar in drawn.bars] + [float(mark) for mark in drawn.marks]
        assert max(places) <= WIDTH
        assert min(float(bar.x) for bar in drawn.bars) >= 0
        assert float(drawn.nought) < float(drawn.marks[0]) < float(drawn.marks[1])
