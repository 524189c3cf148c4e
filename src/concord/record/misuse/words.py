"""Reasons as a reviewer reads them."""

from collections.abc import Mapping

from concord.record.misuse.ranking import Why

WORDS_OF: Mapping[Why, str] = {
    Why.OWN: "The record is of somebody of the user's own name",
    Why.FAMILY: "The person has the surname and the address of somebody of the user's name",
    Why.HOUSEHOLD: "The person lives at the address of somebody of the user's name",
    Why.FORMER_HOUSEHOLD: "One source has, or had, the person at the address of somebody of the user's name",
    Why.COLLEAGUE: "The record is of somebody of a colleague's name",
    Why.SURNAME: "The person has the user's surname, which is rare here",
    Why.NEIGHBOUR: "The person lives in the postcode of somebody of the user's name",
    Why.PROTECTED: "The person's whereabouts are protected",
    Why.DIED: "The person had died more than a month before",
    Why.NO_CONTACT: "The user's organisation recorded nothing about the person in the week before or after",
    Why.ANOTHER_SERVICE: "The person was known to the user's organisation, but not to the user's service",
    Why.HOUR: "At an hour at which this user is hardly ever seen",
    Why.OFF_SHIFT: "At a time at which the rota does not have the user at work",
    Why.VOLUME: "One of many that day with nothing to explain them, far more than is usual for this user",
    Why.BROWSING: "One of several people within the hour who had nothing to do with the user",
    Why.CROWD: "Users of several services looked at this person, and none of them had to do with the person",
    Why.REPEATED: "The user came back to this person on other days",
    Why.OVERRIDE: "The glass was broken, or a relationship claimed, with nothing recorded in those days",
}
