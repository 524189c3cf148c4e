"""The proving of signatures that is written into the programs which partners run without Concord."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from concord.audit import signed

# RFC 8032, 7.1: TEST 1 to 3, and TEST SHA(abc). Public key | message | signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
            "655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
            "b00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
            "c027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
            "2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17a"
            "d9bef1177331a704"
        ),
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard_are_proved(key: str, message: str, signature: str) -> None:
    assert signed(bytes.fromhex(message), key, signature)
    assert not signed(bytes.fromhex(message) + b"\0", key, signature)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511), st.booleans())
def test_what_a_key_signed_is_proved_and_nothing_near_it(seed: bytes, message: bytes, bit: int, of_key: bool) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert signed(message, key.hex(), signature.hex())
    if of_key:
        key = flipped(key, bit % 256)
    else:
        signature = flipped(signature, bit)
    assert not signed(message, key.hex(), signature.hex())


@pytest.mark.parametrize("wrong", ["", "zz", "00", "00" * 63, "00" * 65])
def test_what_is_no_signature_is_none(wrong: str) -> None:
    key, message, signature = VECTORS[0]
    assert not signed(bytes.fromhex(message), key, wrong)
    assert not signed(bytes.fromhex(message), wrong, signature)


def test_one_signature_has_one_form() -> None:
    """RFC 8032, 5.1.7: a second number that stands for the same is refused."""
    key, message, signature = VECTORS[1]
    second = int.from_bytes(bytes.fromhex(signature)[32:], "little") + ORDER
    assert not signed(bytes.fromhex(message), key, signature[:64] + second.to_bytes(32, "little").hex())


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
