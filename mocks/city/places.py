"""Districts, streets, committees, and the doors in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mocks.city import place_names as words
from mocks.city.draws import choose, mix

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO_COMMITTEE: Final = "310109010003"
DEMO_COMMITTEE_2: Final = "310110016005"
DEMO_COMMITTEES: Final = (DEMO_COMMITTEE, DEMO_COMMITTEE_2)
_DEMO_NAMES: Final = {DEMO_COMMITTEE: "玉田一居委", DEMO_COMMITTEE_2: "市光二村居委"}

_DEMO_SIZE: Final = 3_000
_USUAL_SIZE: Final = 3_000
_MOST_PER_STREET: Final = 199
# One door in ten stands empty on paper: those who moved in without their registration live there.
_EMPTY_EVERY: Final = 10
# (units, floors, homes per floor and unit): six-storey houses without a lift, point blocks, tower blocks.
_HOUSES: Final = ((2, 6, 2), (3, 6, 2), (2, 6, 3), (3, 5, 3), (1, 18, 6), (1, 11, 4))
_FARMHOUSE: Final = ((1, 1, 1),)


@dataclass(frozen=True, slots=True)
class District:
    """Name a district; `code` has 6 digits."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Street:
    """Name a street office, town or township; `code` has 9 digits, `aliases` is what people also say."""

    code: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Committee:
    """Name a neighbourhood or village committee; `code` has 12 digits, `lane` begins its addresses."""

    code: str
    name: str
    lane: str
    size: int


def door_key(door: str) -> tuple[int, int, int]:
    """Order spoken doors such as `3-502` as one walks: building, floor, room; no door comes first."""
    building, _, room = door.partition("-")
    return (int(building), int(room) // 100, int(room) % 100) if room else (0, 0, 0)


@dataclass(slots=True)
class Estate:
    """List the doors of one committee: building after building, each in units and floors.

    A room number counts through all units of a building, so that `3-502` names one door. The list grows
    as long as doors are asked for.
    """

    code: str
    _doors: list[str] = field(default_factory=list)
    _buildings: int = 0

    def door(self, index: int) -> str:
        """Return the door with that number in walking order, from 0."""
        while index >= len(self._doors):
            self._build()
        return self._doors[index]

    def home(self, index: int) -> str:
        """Return the door of the committee's n-th household."""
        return self.door(index + index // (_EMPTY_EVERY - 1))

    def vacancy(self, index: int) -> str:
        """Return the n-th door that no household of the committee has."""
        return self.door(_EMPTY_EVERY * index + _EMPTY_EVERY - 1)

    def _build(self) -> None:
        self._buildings += 1
        kinds = _FARMHOUSE if _is_village(self.code) else _HOUSES
        units, floors, homes = choose(kinds, int(self.code), self._buildings)
        self._doors.extend(
            f"{self._buildings}-{floor}{unit * homes + home:02d}"
            for unit in range(units)
            for floor in range(1, floors + 1)
            for home in range(1, homes + 1)
        )


class Places:
    """Hold the map of a city of that many people.

    Every district has at least two streets and every street at least two committees; a larger population
    adds committees of about 3,000 people and renames none.
    """

    def __init__(self, population: int) -> None:
        """Lay out the map; the committees' sizes add up to the population exactly."""
        self.districts = {code: District(code, name) for code, name in words.DISTRICTS.items()}
        self.streets = {code: Street(code, name, _aliases(name)) for code, name in words.STREETS.items()}
        self.committees = {
            code: Committee(code, _committee_name(code), _lane(code), size)
            for code, size in _sizes(population).items()
        }
        self.estates = {code: Estate(code) for code in self.committees}
        self.outside = words.OUTSIDE | words.OUTSIDE_FAR

    def committees_in(self, prefix: str) -> Iterator[Committee]:
        """Walk the committees whose code begins so; a scope is such a prefix."""
        return (committee for code, committee in self.committees.items() if code.startswith(prefix))

    def address(self, region: str, door: str) -> str:
        """Write out an address; empty where the region is empty (registered nowhere in China).

        Raises KeyError for a region that the map does not have.
        """
        if not region:
            return ""
        if region in self.outside:
            return f"{self.outside[region]}{door}"
        district = self.districts[region[:6]].name
        building, _, room = door.partition("-")
        return f"上海市{district}{self.committees[region].lane}{building}号{room}室"


def _is_village(code: str) -> bool:
    return code[9] == "2"


def _aliases(name: str) -> tuple[str, ...]:
    base = name.removesuffix("街道")
    if base == name:
        return ()
    short = base.removesuffix("路")
    return tuple(dict.fromkeys((f"{short}街道", base, short)))


def _stem(code: str) -> tuple[int, str]:
    start = mix(int(code[:9])) % len(words.COMMITTEE_STEMS)
    turn, place = divmod(int(code[9:]) % 200 - 1, len(words.COMMITTEE_STEMS))
    return turn, words.COMMITTEE_STEMS[(start + place) % len(words.COMMITTEE_STEMS)]


def _committee_name(code: str) -> str:
    if code in _DEMO_NAMES:
        return _DEMO_NAMES[code]
    turn, stem = _stem(code)
    ordinal = words.ORDINALS[turn] if turn else ""
    return f"{stem}{ordinal}{'村委' if _is_village(code) else '居委'}"


def _lane(code: str) -> str:
    if _is_village(code):
        return f"{_stem(code)[1]}村"
    stem = _DEMO_NAMES[code][:2] if code in _DEMO_NAMES else _stem(code)[1]
    return f"{stem}中路{mix(int(code)) % 900 + 11}弄"


def _committee_codes(per_street: int) -> list[str]:
    codes = set(DEMO_COMMITTEES)
    for street in words.STREETS:
        for serial in range(1, per_street + 1):
            # In towns every second committee is a village's.
            village = street[6] != "0" and serial % 2 == 0
            codes.add(f"{street}{200 + serial if village else serial:03d}")
    return sorted(codes)


def _sizes(population: int) -> dict[str, int]:
    demo = min(_DEMO_SIZE, population // 4)
    rest = population - demo * len(DEMO_COMMITTEES)
    per_street = min(max(2, round(rest / len(words.STREETS) / _USUAL_SIZE)), _MOST_PER_STREET)
    codes = _committee_codes(per_street)
    # Weights of 75 to 125; cumulated shares are rounded, so that no person is lost.
    weights = [0 if code in DEMO_COMMITTEES else 75 + mix(int(code), 1) % 51 for code in codes]
    whole = sum(weights)
    sizes, passed, given = {}, 0, 0
    for code, weight in zip(codes, weights, strict=True):
        passed += weight
        upto = rest * passed // whole
        sizes[code] = demo if code in DEMO_COMMITTEES else upto - given
        given = upto
    return sizes
