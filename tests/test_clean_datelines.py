"""Datelines of agencies and papers of the region; and texts that begin like one and must keep their words."""

import pytest

from index.clean import Cleaner
from index.clean.datelines import Dateline, find, is_agency
from index.types import Document

REST = "أغلقت البلدية الجسر"


@pytest.mark.parametrize(
    ("dateline", "city", "agency"),
    [
        ("الكويت - 5 - 1 (كونا) -- ", "الكويت", "كونا"),
        ("دمشق/ 5 يناير/ سانا: ", "دمشق", "سانا"),
        ("دمشق-سانا ", "دمشق", "سانا"),
        ("نواكشوط - 05 - 01 - 2023 - و.م.أ : ", "نواكشوط", "و.م.أ"),
        ("أبوظبي في 5 يناير / وام / ", "أبوظبي", "وام"),
        ("وام / أبوظبي / ", "أبوظبي", "وام"),
        ("عمان 5 كانون الثاني (بترا) - ", "عمان", "بترا"),
        ("رام الله 5-1-2023 وفا- ", "رام الله", "وفا"),
        ("صنعاء 5 كانون الثاني/ سبأ - ", "صنعاء", "سبأ"),
        ("المنامة في 05 يناير/ بنا / ", "المنامة", "بنا"),
        ("الدوحة في 5 يناير /قنا/ ", "الدوحة", "قنا"),
        ("الجزائر- (واج) - ", "الجزائر", "واج"),
        ("تونس 05 جانفي 2023 (وات)- ", "تونس", "وات"),
        ("الرباط 05 يناير 2023 (و م ع) ", "الرباط", "و م ع"),
        ("القاهرة في 5 يناير/أ ش أ/ ", "القاهرة", "أ ش أ"),
        ("بغداد/واع/ ", "بغداد", "واع"),
        ("باريس (أ ف ب) - ", "باريس", "أ ف ب"),
        ("بيروت، 5 كانون الثاني (رويترز) - ", "بيروت", "رويترز"),
        ("الأناضول - إسطنبول: ", "إسطنبول", "الأناضول"),
        ("القاهرة ـ «الشرق الأوسط»: ", "القاهرة", "الشرق الأوسط"),
        ("AMMAN, Jan 5 (Petra) -- ", "Amman", "Petra"),
        ("KUWAIT CITY, Jan. 5, 2023 (KUNA) -- ", "Kuwait City", "KUNA"),
        ("DUBAI, 5th January, 2023 (WAM) -- ", "Dubai", "WAM"),
        ("CAIRO (AP) — ", "Cairo", "AP"),
    ],
)
def test_a_dateline_of_the_region_gives_city_and_agency(dateline: str, city: str, agency: str) -> None:
    assert find(dateline + REST) == Dateline(len(dateline), city, agency)


def test_a_dateline_of_both_calendars_on_its_own_line() -> None:
    line = "الرياض 12 جمادى الآخرة 1444 هـ الموافق 05 يناير 2023 م واس"
    assert find(line, own_line=True) == Dateline(len(line), "الرياض", "واس")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("غزة - 12 قتيلا في انهيار: قال مسعفون إن المبنى سقط", "12 قتيلا في انهيار: قال مسعفون إن المبنى سقط"),
        ("بيروت - الحريري: سنعود إلى العمل غدا", "الحريري: سنعود إلى العمل غدا"),
        ("بغداد / الحكومة تقر الموازنة / أغلقت البلدية الجسر", "بغداد / الحكومة تقر الموازنة / أغلقت البلدية الجسر"),
        ("بغداد (عاصمة العراق) تستعد للعيد", "بغداد (عاصمة العراق) تستعد للعيد"),
        ("المغرب - تونس", "المغرب - تونس"),
        ("محمد سالم - 5 يناير 2023", "محمد سالم - 5 يناير 2023"),
    ],
)
def test_nothing_that_is_no_known_agency_or_place_is_cut(text: str, kept: str) -> None:
    found = find(text)
    assert text[found.end if found else 0 :] == kept
    assert found is None or found.agency is None


@pytest.mark.parametrize(
    "line", ["بغداد - البرلمان يقر الموازنة", "القاهرة - ارتفاع سعر الخبز", "القاهرة - ارتفاع الأسعار"]
)
def test_a_standfirst_that_begins_with_a_city_stays(line: str) -> None:
    text = f"عنوان الخبر عن الجسر والميناء\n{line}\nأغلقت البلدية جسر الصيادين يوم الخميس بعد أن عثروا على شقوق فيه."
    (article,) = Cleaner().clean(Document(id="a", text=text, path="a.txt", page=True))
    assert line in article.text.split("\n")
    assert (article.city, article.agency) == (None, None)


def test_agencies_are_known_with_and_without_dots_and_spaces() -> None:
    assert all(map(is_agency, ["أ.ش.أ", "أ ش أ", "أش أ", "د.ب.أ", "وكالة الأنباء المحلية", "Agencies"]))
    assert not any(map(is_agency, ["الحريري", "12 قتيلا", "البرلمان يقر", ""]))
