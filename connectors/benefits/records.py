"""What the benefits system tells about a person."""

from __future__ import annotations

from typing import Annotated

from connectors.sdk import Kind, Record


class Beneficiary(Record):
    """One person with a disability card or a veteran's claim.

    A field that we were not granted is ``None``, as one that the system does not know.
    """

    name: Annotated[str | None, Kind.NAME] = None
    id_number: Annotated[str | None, Kind.ID] = None
    disability: Annotated[str | None, Kind.HEALTH] = None
    """Category and grade of GB/T 26341, e.g. 肢体残疾二级; the category alone where the grade is unknown."""
    disability_subsidies: Annotated[tuple[str, ...] | None, Kind.RELIEF] = None
    """Which of the two subsidies (残疾两项补贴) the person gets."""
    veteran_status: Annotated[str | None, Kind.RELIEF] = None
    """As what the person is in veterans' care (优抚), e.g. 残疾军人."""
    benefit_amounts: Annotated[tuple[str, ...] | None, Kind.RELIEF] = None
    """What is paid, e.g. 重度残疾人护理补贴每月330元."""
    tags: Annotated[tuple[str, ...] | None, Kind.PLAIN] = None
