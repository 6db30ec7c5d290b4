import pytest
from textual.css import stylesheet as textual_stylesheet

from charterm.tui.kept_stylesheet import KeptStylesheet


def test_a_source_is_parsed_again_with_other_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = textual_stylesheet.parse

    def counted(scope: str, css: str, *rest: object, **named: object) -> object:
        parsed.append(css)
        return parse(scope, css, *rest, **named)

    monkeypatch.setattr(textual_stylesheet, "parse", counted)
    first, second = "Button { color: $ink; }", "Label { color: red; }"
    sheet = KeptStylesheet(variables={"ink": "blue"})
    sheet.add_source(first)
    assert "#0000FF" in sheet.css
    sheet.add_source(second, read_from=("", "second"))
    sheet.reparse()
    sheet.set_variables({"ink": "blue"})
    sheet.reparse()
    assert parsed == [first, second]
    assert sheet.css.count("color") == 2
    sheet.set_variables({"ink": "green"})
    sheet.reparse()
    assert parsed == [first, second, first, second]
    assert "#0000FF" not in sheet.css
    assert "#008000" in sheet.css
