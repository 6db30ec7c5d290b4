"""The actions of the Settings screen."""

from typing import Final

from charterm.actions.action import Action
from charterm.i18n import N_

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        id="settings.reset",
        keys="ctrl+r",
        title=N_("Reset"),
        help=N_("Give this setting its default again"),
        screen="settings",
        run="reset",
        command="charterm config unset KEY",
        hint=True,
    ),
    Action(
        id="settings.find",
        keys="ctrl+f",
        title=N_("Find"),
        help=N_("Show the settings in which these words occur"),
        screen="settings",
        run="find",
        command="charterm config list",
        hint=True,
    ),
    Action(
        id="settings.next_group",
        keys="ctrl+pagedown",
        title=N_("Next group"),
        help=N_("Show the next group of settings"),
        screen="settings",
        run="next_group",
        command="charterm config list",
    ),
    Action(
        id="settings.previous_group",
        keys="ctrl+pageup",
        title=N_("Previous group"),
        help=N_("Show the group of settings before this one"),
        screen="settings",
        run="previous_group",
        command="charterm config list",
    ),
    Action(
        id="settings.file",
        keys="ctrl+o",
        title=N_("Config file"),
        help=N_("Copy the path of the config file"),
        screen="settings",
        run="copy_path",
        command="charterm config path",
    ),
)
