"""What past incidents have in common with one is told in Chinese."""

import pytest

from alertmesh.chinese.past import shared_in
from alertmesh.incidents.similar import _FACETS
from tests.chinese.english import english


@pytest.mark.parametrize("said", [facet.said for facet in _FACETS])
@pytest.mark.parametrize("things", ["A", "A, B and 3 more"])
def test_what_is_shared_is_told_in_chinese(said, things):
    assert english(shared_in("zh-CN", said.format(things))) == []


def test_each_part_is_told():
    assert shared_in("zh", "the same words: disk; something new") == "相同的文字：disk；something new"


def test_english_stays_as_it_is():
    assert shared_in("en", "the same words: disk") == "the same words: disk"
