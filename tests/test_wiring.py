"""A configuration becomes working parts, and another one is taken over whole or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from alertmesh.config import ChannelConfig, DoorConfig
from alertmesh.config.models import NO_MODELS, ModelFiles
from alertmesh.config.zabbix import ZabbixConfig
from alertmesh.core.errors import BadConfig
from alertmesh.wiring import Wiring, build_channels, grouping_model
from tests.scenarios.people import staffed

CONFIG = staffed("console")
SHANGHAI = ZabbixConfig("shanghai", "http://zabbix.example")


@pytest.mark.parametrize(
    ("listen", "loopback"),
    [
        ("127.0.0.1:9393", True),
        ("127.9.9.9:1", True),
        ("[::1]:9393", True),
        ("localhost:9393", True),
        ("0.0.0.0:9393", False),
        ("[::]:9393", False),
        ("10.0.0.1:80", False),
        ("localhost.example:80", False),
    ],
)
def test_only_this_machine_is_loopback(listen, loopback):
    assert Wiring(replace(CONFIG, listen=listen)).loopback is loopback


def test_the_address_is_host_and_port():
    assert Wiring(replace(CONFIG, listen="[::1]:80")).address == ("::1", 80)


def test_a_configured_door_has_its_labels_and_lease():
    door = DoorConfig("east", "prometheus", timedelta(minutes=2), {"cluster": "east"})
    found = Wiring(replace(CONFIG, doors={"east": door})).door("prometheus", "east")
    assert (found.name, found.lease, found.labels) == ("east", timedelta(minutes=2), {"cluster": "east"})


def test_names_that_nobody_configured_share_one_door():
    wiring = Wiring(CONFIG)
    doors = {id(wiring.door("prometheus", f"name-{number}")) for number in range(100)}
    assert doors == {id(wiring.door("prometheus", ""))}


def test_a_source_that_is_not_there_has_no_door():
    with pytest.raises(KeyError):
        Wiring(CONFIG).door("nothing", "")


@pytest.mark.parametrize(
    ("key", "there"),
    [
        (("prometheus", "prometheus"), True),
        (("prometheus", "east"), True),
        (("alertmanager", "east"), False),
        (("prometheus", "west"), False),
        (("gone", "gone"), False),
        (("zabbix", "shanghai-api"), True),
        (("zabbix", "beijing-api"), False),
    ],
)
def test_a_door_is_there_while_somebody_can_come_by_it(key, there):
    config = replace(CONFIG, doors={"east": DoorConfig("east", "prometheus")}, zabbix=(SHANGHAI,))
    assert Wiring(config).has_door(key) is there


def test_a_server_is_asked_until_the_process_ends():
    wiring = Wiring(replace(CONFIG, zabbix=(SHANGHAI,)))
    wiring.config = CONFIG
    assert wiring.has_door(("zabbix", "shanghai-api"))


def test_every_channel_that_cannot_be_built_is_named():
    settings = {"form": SecretStr("xml")}
    channels = {
        "a": ChannelConfig("a", "pigeon", {}),
        "b": ChannelConfig("b", "stdout", settings),
    }
    with pytest.raises(BadConfig) as caught:
        build_channels(replace(CONFIG, channels=channels))
    assert len(caught.value.problems) == 2


def test_without_files_nothing_can_be_reloaded():
    with pytest.raises(BadConfig, match="without files"):
        Wiring(CONFIG).fresh()


def test_a_configuration_whose_channels_cannot_be_built_is_not_taken():
    bad = replace(CONFIG, channels={"a": ChannelConfig("a", "pigeon", {})})
    wiring = Wiring(CONFIG, reload=lambda: bad)
    with pytest.raises(BadConfig, match="pigeon"):
        wiring.fresh()
    assert wiring.config is CONFIG


def test_a_model_that_cannot_be_used_is_named():
    bad = replace(CONFIG, models=ModelFiles(grouping=b"{}", grouping_path="mine/grouping.json"))
    with pytest.raises(BadConfig, match=r"^mine/grouping\.json: "):
        Wiring(bad)


@pytest.mark.parametrize("part", ["grouping", "learned"])
def test_a_reload_with_a_bad_model_is_not_taken(part):
    bad = replace(CONFIG, models=ModelFiles(**{part: b"{}", f"{part}_path": "mine"}))
    wiring = Wiring(CONFIG, reload=lambda: bad)
    with pytest.raises(BadConfig, match=r"^mine: "):
        wiring.fresh()
    assert wiring.config is CONFIG


def test_without_a_model_attributes_decide():
    assert grouping_model(replace(CONFIG, models=NO_MODELS)) is None
