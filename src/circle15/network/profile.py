"""Who walks: the speed, the reach of the access leg, and which ways are barred."""

from __future__ import annotations

from dataclasses import dataclass

from circle15.errors import Fault, InputError, raise_faults

#: Mean of the rectilinear over the straight-line distance, over all directions.
MEAN_RECTILINEAR_DETOUR = 1.2732395447351628


@dataclass(frozen=True, slots=True)
class WalkProfile:
    """A kind of walker. Frozen: a result can name the profile it was computed with.

    Parameters
    ----------
    name
        What the profile is called in results.
    speed_kmh
        Walking speed in kilometres an hour, on the flat, stops left out.
    max_access_m
        How far, as the crow flies, a door may be from a street that it uses, in metres.
    access_detour
        Factor on the straight line between a door and a street. 4/pi is the mean of the
        rectilinear over the straight distance, so that nobody gains by cutting through a block.
    barred_highways
        Values of OSM's ``highway`` that this walker cannot use.
    uses_private
        Whether ways marked ``access=private`` may be walked.

    Raises
    ------
    InputError
        A number is not positive and finite, or the detour is below 1.

    Examples
    --------
    >>> WalkProfile.elderly()
    WalkProfile(elderly: 2.88 km/h, doors up to 100 m from a street)
    >>> round(WalkProfile.adult().metres_per_second, 2)
    1.2
    """

    name: str
    speed_kmh: float
    max_access_m: float = 100.0
    access_detour: float = MEAN_RECTILINEAR_DETOUR
    barred_highways: frozenset[str] = frozenset()
    uses_private: bool = True

    def __post_init__(self) -> None:
        faults = []
        for field in ("speed_kmh", "max_access_m"):
            value = getattr(self, field)
            if not 0 < value < float("inf"):
                faults.append(
                    Fault("profile", f"{field} is {value}.", "Give a number above 0.", column=field)
                )
        if not 1 <= self.access_detour < float("inf"):
            faults.append(
                Fault(
                    "profile",
                    f"access_detour is {self.access_detour}.",
                    "Give a factor of 1 or more; 1 is the straight line.",
                    column="access_detour",
                )
            )
        raise_faults(faults, InputError)

    def __repr__(self) -> str:
        return (
            f"WalkProfile({self.name}: {self.speed_kmh:g} km/h, "
            f"doors up to {self.max_access_m:g} m from a street)"
        )

    @property
    def metres_per_second(self) -> float:
        """Walking speed in metres a second."""
        return self.speed_kmh / 3.6

    @classmethod
    def adult(cls) -> WalkProfile:
        """An adult at ease: 1.2 m/s, the design speed of many signal manuals."""
        return cls("adult", 4.32)

    @classmethod
    def planning(cls) -> WalkProfile:
        """1.0 m/s: about the speed that GB 50180-2018's metres per minutes imply."""
        return cls("planning", 3.6)

    @classmethod
    def elderly(cls) -> WalkProfile:
        """An older person: 0.8 m/s."""
        return cls("elderly", 2.88)

    @classmethod
    def child(cls) -> WalkProfile:
        """A child, with an adult: 0.9 m/s."""
        return cls("child", 3.24)

    @classmethod
    def wheelchair(cls) -> WalkProfile:
        """A hand-driven wheelchair: 0.7 m/s, no steps."""
        return cls("wheelchair", 2.52, barred_highways=frozenset({"steps"}))

    @classmethod
    def named(cls, name: str) -> WalkProfile:
        """Return the profile of that name.

        Raises
        ------
        InputError
            There is none of that name; the message lists those there are.
        """
        known = ("adult", "planning", "elderly", "child", "wheelchair")
        if name not in known:
            raise InputError(
                Fault(
                    "profile", f"There is no profile '{name}'.", f"Use one of {', '.join(known)}."
                )
            )
        profile: WalkProfile = getattr(cls, name)()
        return profile
