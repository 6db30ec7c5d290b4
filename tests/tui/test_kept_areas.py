"""What is typed on Generate and Judge is there again at the next start, also after a kill."""

import pytest

from charterm.documents.draft import Draft
from charterm.errors import ChartermError
from charterm.settings import schema
from charterm.tui.widgets.kept_area import KeptArea
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until

FIELDS = ["generate", "judge"]


async def area_of(program: Opened, field: str) -> KeptArea:
    """Open the screen of this name and wait until its text can be typed."""
    await program.app.switch_mode(field)
    screen = program.app.screen
    await wait_until(program.pilot, lambda: bool(screen.query(KeptArea)))
    area = screen.query_one(KeptArea)
    await wait_until(program.pilot, lambda: area.has_focus)
    return area


@pytest.mark.parametrize("field", FIELDS)
async def test_what_is_typed_is_kept_and_stands_there_again(field: str) -> None:
    draft = Draft(field)
    async with opened() as program:
        program.app.change_setting(schema.AUTOSAVE, 0.2)
        await area_of(program, field)
        await type_text(program.pilot, "the 바다 ")
        await wait_until(program.pilot, lambda: draft.read() == "the 바다 ")  # a kill loses nothing
        program.app.change_setting(schema.AUTOSAVE, 600)
        await program.pilot.press("enter")
        await type_text(program.pilot, "and")
        assert draft.read() == "the 바다 "
        await program.pilot.press("ctrl+q")
    assert draft.read() == "the 바다 \nand"
    async with opened() as program:
        program.app.change_setting(schema.AUTOSAVE, 0.2)
        area = await area_of(program, field)
        assert area.text == "the 바다 \nand"
        await type_text(program.pilot, " so")  # the cursor is where the text ends
        await wait_until(program.pilot, lambda: draft.read() == "the 바다 \nand so")
        await program.pilot.press("f7", "delete")
        await wait_until(program.pilot, lambda: not draft.path.exists())
    async with opened() as program:
        assert (await area_of(program, field)).text == ""


@pytest.mark.parametrize("field", FIELDS)
async def test_a_full_disk_is_told_once_and_again_on_leaving(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, write = True, Draft.write

    def write_where_there_is_room(draft: Draft, text: str) -> None:
        if full:
            raise ChartermError("the disk is full")
        write(draft, text)

    monkeypatch.setattr(Draft, "write", write_where_there_is_room)
    async with opened() as program:
        program.app.change_setting(schema.AUTOSAVE, 0.2)
        await area_of(program, field)
        await type_text(program.pilot, "sun")
        await wait_until(program.pilot, lambda: "the disk is full" in program.notices)
        await type_text(program.pilot, "ny")
        await program.pilot.pause(0.6)
        assert program.notices.count("the disk is full") == 1
        await program.pilot.press("ctrl+q")
        await wait_until(program.pilot, lambda: "leaves without saving" in program.notices)
        full = False
        await program.pilot.press("ctrl+q")
    assert Draft(field).read() == "sunny"


async def test_what_cannot_be_read_is_told_and_not_overwritten() -> None:
    draft = Draft("generate")
    draft.path.mkdir(parents=True)  # a folder in its place
    async with opened() as program:
        area = await area_of(program, "generate")
        await wait_until(program.pilot, lambda: f"cannot read {draft.path}" in program.notices)
        assert area.text == ""
    assert draft.path.is_dir()
