"""Pictures of every screen, made by the program itself: ``python -m tests.screenshots [FOLDER]``.

Each mode at 80×24 and 140×40, in English and Korean, as SVG; without a folder, the ones that
README.md shows go to ``assets/screenshots``.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

SIZES = ((80, 24), (140, 40))
TEXTS = {
    "en": "I would like to know what you think of it. The weather is ",
    "ko": "이 영화는 정말 ",
}
SHOWN_IN_README = (
    "write-en-80x24",
    "write-ko-80x24",
    "judge-en-80x24",
    "models-en-80x24",
)
REVIEWS = {
    "en": (
        ("praise", "lovely", "warm", "brilliant", "moving", "funny"),
        ("blame", "dull", "tedious", "clumsy", "boring", "empty"),
        ("a {} film", "the story is {}", "what a {} evening", "{} acting", "I found it {}"),
        "A warm story with brilliant acting; only the end is a little clumsy.",
    ),
    "ko": (
        ("칭찬", "재미있는", "따뜻한", "훌륭한", "감동적인", "아름다운"),
        ("비난", "지루한", "뻔한", "어설픈", "답답한", "시끄러운"),
        ("{} 영화", "정말 {} 이야기였다", "{} 연기", "{} 두 시간", "참 {} 장면"),
        "따뜻한 이야기와 훌륭한 연기, 다만 끝이 조금 지루한 영화",
    ),
}
"""Words of two classes, and what they stand in, from which a classifier of reviews is made; and a
review to be judged."""


def _make_classifier(language: str) -> None:
    from charterm.classify.folder import save_classifier
    from charterm.classify.labelled import label_texts
    from charterm.classify.library import new_classifier_folder
    from charterm.classify.settings import ClassifierSettings
    from charterm.classify.training import train_classifier

    *classes, places, _review = REVIEWS[language]
    pairs = [
        (name, place.format(word)) for name, *words in classes for word in words for place in places
    ]
    settings = ClassifierSettings(methods=("nbsvm", "ngrams"), held_out=0.2)
    classifier = train_classifier(label_texts(pairs), None, settings)
    save_classifier(new_classifier_folder("reviews"), classifier)


async def _picture(mode: str, language: str, size: tuple[int, int]) -> str:
    """The SVG of one screen after the program has come to rest."""
    from charterm.settings import Settings, schema
    from charterm.tui.app import ChartermApp

    settings = Settings.load().with_value(schema.LANGUAGE, language)
    settings.with_value(schema.ANIMATIONS, False).save()
    app = ChartermApp("korean" if language == "ko" else "english", tour=False)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(2.0)
        if mode == "judge":
            app.switch_mode(mode)
            await pilot.pause(1.0)
            app.screen.put_text(REVIEWS[language][3])  # type: ignore[attr-defined]
        elif mode == "write":
            for character in TEXTS[language]:
                await pilot.press("space" if character == " " else character)
        else:
            app.switch_mode(mode)
        await pilot.pause(2.5)
        return app.export_screenshot()


def main() -> None:
    """Make the pictures in folders of their own, so that no user's text is in them."""
    readme = len(sys.argv) < 2
    default = Path(__file__).parent.parent / "assets" / "screenshots"
    folder = default if readme else Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    from charterm.tui.modes import MODES

    for mode in (mode.id for mode in MODES):
        for language in ("en", "ko"):
            for width, height in SIZES:
                name = f"{mode}-{language}-{width}x{height}"
                if readme and name not in SHOWN_IN_README:
                    continue
                with tempfile.TemporaryDirectory() as own:
                    for kind in ("DATA", "CONFIG", "CACHE"):
                        os.environ[f"CHARTERM_{kind}_DIR"] = f"{own}/{kind}"
                    if mode == "judge":
                        _make_classifier(language)
                    picture = asyncio.run(_picture(mode, language, (width, height)))
                (folder / f"{name}.svg").write_text(picture, encoding="utf-8")
                print(folder / f"{name}.svg")


if __name__ == "__main__":
    main()
