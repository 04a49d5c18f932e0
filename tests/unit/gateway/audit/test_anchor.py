import stat
from pathlib import Path

import pytest

from gateway.audit.anchor import Anchor, AnchorFault, AnchorLine
from gateway.audit.chain import Head
from tests.unit.gateway.audit.trail import KEY, full_disk

CHAIN = "20261121T001230.123Z-9f3a51c07be2"


def head(seq: int) -> Head:
    return Head(CHAIN, seq, bytes([seq]) * 32)


def lines(path: Path) -> list[AnchorLine]:
    return list(Anchor(path, KEY).lines())


def test_lines_come_back(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    anchor = Anchor(path, KEY)
    anchor.open()
    for seq in (1, 2, 9):
        anchor.append(head(seq))
    anchor.sync()
    assert lines(path) == [AnchorLine(1, head(1)), AnchorLine(2, head(2)), AnchorLine(3, head(9))]
    anchor.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().splitlines()[0] == (
        f"{CHAIN} 1 {'01' * 32} ".encode()
        + b"b6de5014e03c73a8181778010be6954c80f4014b882f5fe531a91a71f183fb4f"
    )


def test_opening_again_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    for seq in (1, 2):
        anchor = Anchor(path, KEY)
        anchor.open()
        anchor.append(head(seq))
        anchor.close()
    assert [line.head.seq for line in lines(path)] == [1, 2]


def test_an_absent_file_has_no_lines(tmp_path: Path) -> None:
    assert lines(tmp_path / "absent") == []


def test_nothing_goes_into_a_closed_anchor(tmp_path: Path) -> None:
    anchor = Anchor(tmp_path / "anchor", KEY)
    with pytest.raises(OSError, match="not open"):
        anchor.append(head(1))
    anchor.open()
    anchor.close()
    with pytest.raises(OSError, match="not open"):
        anchor.append(head(1))
    anchor.close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Anchor(tmp_path / "absent" / "anchor", KEY).open()


@pytest.mark.parametrize("cut", [1, 2, 40, 100, 165])
def test_a_torn_line_is_closed_at_the_next_start(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "anchor"
    anchor = Anchor(path, KEY)
    anchor.open()
    for seq in (1, 2):
        anchor.append(head(seq))
    anchor.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert [line.head.seq for line in lines(path)] == [1]
    anchor.open()
    anchor.append(head(3))
    anchor.append(head(4))
    anchor.close()
    assert path.read_bytes().startswith(whole[:-cut] + b" unfinished\n")
    assert [line.head.seq for line in lines(path)] == [1, 3, 4]


async def test_a_full_disk_is_told_and_overcome(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    anchor = Anchor(path, KEY)
    anchor.open()
    anchor.append(head(1))
    async with full_disk(anchor):
        with pytest.raises(OSError, match="No space"):
            anchor.append(head(2))
    anchor.append(head(3))
    anchor.close()
    assert [line.head.seq for line in lines(path)] == [1, 3]


def test_lines_before_a_bad_one_are_read(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    anchor = Anchor(path, KEY)
    anchor.open()
    anchor.append(head(1))
    anchor.close()
    with path.open("ab") as file:
        file.write(b"junk\n")
    read = anchor.lines()
    assert next(read).head == head(1)
    with pytest.raises(AnchorFault, match="anchor line 2 is damaged"):
        next(read)
