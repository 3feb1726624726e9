import pytest

from alertmesh.zabbix.versions import dialect, parse


@pytest.mark.parametrize(
    ("version", "groups", "key", "acknowledges", "bearer"),
    [
        ("5.4.1", "selectGroups", "groups", "select_acknowledges", False),
        ("6.0.14", "selectGroups", "groups", "select_acknowledges", False),
        ("6.2.0", "selectHostGroups", "hostgroups", "select_acknowledges", False),
        ("6.4.3", "selectHostGroups", "hostgroups", "select_acknowledges", True),
        ("7.0.0", "selectHostGroups", "hostgroups", "select_acknowledges", True),
        ("7.2.5", "selectHostGroups", "hostgroups", "selectAcknowledges", True),
        ("8.0.0alpha1", "selectHostGroups", "hostgroups", "selectAcknowledges", True),
    ],
)
def test_each_version_is_spoken_to_in_its_own_way(version, groups, key, acknowledges, bearer):
    spoken = dialect(parse(version))
    assert (spoken.host_groups, spoken.groups_key) == (groups, key)
    assert (spoken.acknowledges, spoken.bearer) == (acknowledges, bearer)


def test_what_is_no_version_is_said():
    with pytest.raises(ValueError, match="is no version"):
        parse("soon")
