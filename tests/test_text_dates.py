"""Dates as news pages write them: every family of formats, what is refused, and that nothing is guessed."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hijridate import Gregorian
from hypothesis import example, given
from hypothesis import strategies as st

from index.text.dates import LONGEST, parse_date

ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

FAMILIES = """
Egypt and the Gulf: يناير، فبراير، مارس، أبريل، مايو، يونيو، يوليو، أغسطس، سبتمبر، أكتوبر، نوفمبر، ديسمبر
without hamza: يناير، فبراير، مارس، ابريل، مايو، يونيه، يوليه، اغسطس، سبتمبر، اكتوبر، نوفمبر، ديسمبر
the Levant: كانون الثاني، شباط، آذار، نيسان، أيار، حزيران، تموز، آب، أيلول، تشرين الأول، تشرين الثاني، كانون الأول
Algeria and Tunisia: جانفي، فيفري، مارس، أفريل، ماي، جوان، جويلية، أوت، سبتمبر، أكتوبر، نوفمبر، ديسمبر
Morocco: يناير، فبراير، مارس، أبريل، ماي، يونيو، يوليوز، غشت، شتنبر، أكتوبر، نونبر، دجنبر
English: January، February، March، April، May، June، July، August، September، October، November، December
short English: Jan، Feb، Mar، Apr، May، Jun، Jul، Aug، Sep، Oct، Nov، Dec
Hijri: محرم، صفر، ربيع الأول، ربيع الآخر، جمادى الأولى، جمادى الآخرة، رجب، شعبان، رمضان، شوال، ذو القعدة، ذو الحجة
weekdays: الاثنين، الثلاثاء، الأربعاء، الخميس، الجمعة، السبت، الأحد
"""
MONTHS = {name: words.split("، ") for name, words in (line.split(": ") for line in FAMILIES.strip().splitlines())}
HIJRI, WEEKDAYS, GULF = MONTHS.pop("Hijri"), MONTHS.pop("weekdays"), MONTHS["Egypt and the Gulf"]

NEWS_DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2060, 12, 31))


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        # Labels of publication and English ordinals, as aggregators print them
        ("تاريخ النشر: 14th, December 2024 GMT", "2024-12-14"),  # "date of publication"
        ("27th, March 2024 GMT", "2024-03-27"),
        ("1st of May 2023", "2023-05-01"),
        ("March 26, 2024", "2024-03-26"),
        ("Published: Tuesday, March 5th, 2024 at 5:30 p.m. EST", "2024-03-05T17:30-05:00"),
        ("Posted on 5-Mar-2024", "2024-03-05"),
        ("Last updated: 5 Sept 2024 09:05 UTC", "2024-09-05T09:05+00:00"),
        ("نشر في: 5 مارس 2024 الساعة 10:30 ص", "2024-03-05T10:30"),  # "published on ... at 10:30 a.m."
        ("آخر تحديث: 05/03/2024 22:10", "2024-03-05T22:10"),  # "last update"
        ("نُشر في 5 مارس 2024 - آخر تحديث 6 مارس 2024", "2024-03-05"),  # published, then changed: the first counts
        # Weekday first; punctuation of both scripts
        ("الاثنين، 28 يونيو 2021", "2021-06-28"),  # "Monday, 28 June 2021"
        ("الإثنين 28 يونيو, 2021", "2021-06-28"),  # Monday with a hamza below
        ("يوم الجمعة 13 ديسمبر 2024", "2024-12-13"),  # "the day of Friday"
        ("16 مارس، 2025", "2025-03-16"),
        ("(16 مارس 2025)", "2025-03-16"),
        # Egypt and the Gulf, with the hamza left out and the Egyptian spellings of June and July
        ("4 ابريل 2022", "2022-04-04"),
        ("4 إبريل 2022", "2022-04-04"),
        ("9 اغسطس 2020", "2020-08-09"),
        ("23 يوليه 2019", "2019-07-23"),
        ("30 يونيه 2013", "2013-06-30"),
        # The Levant and Iraq, with and without the article
        ("26 شباط 2024", "2024-02-26"),
        ("4 آب 2014", "2014-08-04"),
        ("4 اب 2014", "2014-08-04"),
        ("13 كانون الثاني 2017", "2017-01-13"),
        ("13 كانون ثاني 2017", "2017-01-13"),
        ("1 تشرين الأول 2019", "2019-10-01"),
        ("17 مايس 2006", "2006-05-17"),  # May in Iraq
        # The Maghreb
        ("14 جانفي 2011", "2011-01-14"),  # January, from French "janvier"
        ("20 غشت 2021", "2021-08-20"),  # August in Morocco
        ("30 يوليوز 2020", "2020-07-30"),
        ("5 جويلية 2020", "2020-07-05"),  # July in Algeria and Tunisia
        ("1 ماي 2018", "2018-05-01"),
        ("8 شتنبر 2023", "2023-09-08"),
        # Two names of one month
        ("28 يونيو/حزيران 2021", "2021-06-28"),
        ("28 يونيو (حزيران) 2021", "2021-06-28"),
        ("13 كانون الثاني / يناير 2017", "2017-01-13"),
        ("الأربعاء 18 تشرين الأول/أكتوبر 2017 - 02:28 بتوقيت غرينتش", "2017-10-18T02:28+00:00"),
        # Mirrored order: time, year, weekday, day, both months
        ("GMT 09:45 2019 الخميس ,11 إبريل / نيسان", "2019-04-11T09:45+00:00"),
        # Digits of both Arabic scripts; marks of direction around and inside
        ("٢٨ يونيو ٢٠٢١", "2021-06-28"),
        ("۲۸ يونيو ۲۰۲۱", "2021-06-28"),
        ("١٤/١٢/٢٠٢٤", "2024-12-14"),
        ("\u200f14\u200f/12\u200f/2024\u200f", "2024-12-14"),
        ("\u202b28 يونيو\xa02021\u202c", "2021-06-28"),
        # Numbers only: day first, unless only the other order is a date
        ("03/04/2018", "2018-04-03"),
        ("3-4-2018", "2018-04-03"),
        ("14.12.2024", "2024-12-14"),
        ("28 / 6 / 2021", "2021-06-28"),
        ("2018/04/03", "2018-04-03"),
        ("12/25/2024", "2024-12-25"),
        ("Tuesday 03/04/2018", "2018-04-03"),
        ("Sunday 03/04/2018", "2018-03-04"),  # 3 April was a Tuesday, so this page puts the month first
        # Times of day
        ("29 سبتمبر 2024 - 1:45 مساءً", "2024-09-29T13:45"),  # "in the evening"
        ("5 فبراير 2024 - 2:45 صباحًا", "2024-02-05T02:45"),  # "in the morning"
        ("5 فبراير 2024 12:10 صباحا", "2024-02-05T00:10"),
        ("5 فبراير 2024 12:10 ظهرا", "2024-02-05T12:10"),  # "at noon"
        ("5 فبراير 2024 1:10 ظهرا", "2024-02-05T13:10"),
        ("5 فبراير 2024 11:30 ليلا", "2024-02-05T23:30"),  # "at night", before midnight
        ("5 فبراير 2024 1:30 ليلا", "2024-02-05T01:30"),  # and after it
        ("5 فبراير 2024 4 عصرا", "2024-02-05T16:00"),  # "in the afternoon"
        ("5 فبراير 2024م 4:05 م", "2024-02-05T16:05"),  # م is "AD" after the year and "p.m." after the time
        ("5 مارس 2024 10:30 بتوقيت مكة المكرمة", "2024-03-05T10:30+03:00"),  # "Mecca time"
        ("5 مارس 2024 10:30 بتوقيت أبو ظبي", "2024-03-05T10:30+04:00"),
        ("5 مارس 2024 10:30 بتوقيت القاهرة", "2024-03-05T10:30"),  # Cairo has had summer time and not: no offset
        ("5 March 2024 10:30 GMT+3", "2024-03-05T10:30+03:00"),
        # Hijri, alone or beside the Gregorian date
        ("12 جمادى الآخرة 1446 هـ", "2024-12-13"),
        ("12 جمادى الثانية 1446هـ", "2024-12-13"),
        ("١ رمضان ١٤٤٥", "2024-03-11"),
        ("1446/06/12", "2024-12-13"),
        ("12/6/1446 هـ", "2024-12-13"),
        ("10 ذي الحجة 1445 هـ", "2024-06-16"),
        ("الجمعة 12 جمادى الآخرة 1446 هـ الموافق 13 ديسمبر 2024 م", "2024-12-13"),
        ("12 جمادى الآخرة 1446هـ - 13 ديسمبر 2024م", "2024-12-13"),
        ("13 ديسمبر 2024 الموافق 11 جمادى الآخرة 1446", "2024-12-13"),  # the moon was sighted a day later there
        ("السبت 12 جمادى الآخرة 1446", "2024-12-14"),  # Saturday: again a day later, and the weekday settles it
        ("26 شباط 2024 ميلادي", "2024-02-26"),
        # The standards
        ("2018-03-07", "2018-03-07"),
        ("2018-03-07T09:20:17Z", "2018-03-07T09:20:17+00:00"),
        ("2018-03-07T09:20:17.123+03:00", "2018-03-07T09:20:17+03:00"),
        ("2018-03-07 09:20", "2018-03-07T09:20"),
        ("Wed, 07 Mar 2018 09:20:17 +0400", "2018-03-07T09:20:17+04:00"),
        ("Wed, 07 Mar 2018 09:20:17 GMT", "2018-03-07T09:20:17+00:00"),
        ("Wed, 07 Mar 18 09:20 EST", "2018-03-07T09:20-05:00"),  # the one standard that defines two-digit years
        # The Levantine months by number, in words and by letter
        ("13 كانون 2 2017", "2017-01-13"),
        ("5 تشرين1 2019", "2019-10-05"),
        ("5 كانون ٢ ٢٠٢٣", "2023-01-05"),
        ("5 ك2 2023", "2023-01-05"),
        ("5 ت١ 2023", "2023-10-05"),
        # Hijri months with their epithets, in one word, in the colloquial gender and in Latin letters
        ("21 رمضان المبارك 1445هـ", "2024-03-31"),
        ("3 محرم الحرام 1445", "2023-07-21"),
        ("10 ذوالحجة 1445", "2024-06-16"),
        ("12 جماد الثاني 1444", "2023-01-05"),
        ("12 Ramadan 1444", "2023-04-03"),
        ("12 Rabi' al-Awwal 1444 AH", "2022-10-08"),
        ("Sha‘ban 5, 1444", "2023-02-25"),
        # Without separators, as GDELT writes it
        ("20230105T150405Z", "2023-01-05T15:04:05+00:00"),
        ("20230105150405", "2023-01-05T15:04:05"),
        # A dot between hour and minute
        ("Thu 5 Jan 2023 06.00 GMT", "2023-01-05T06:00+00:00"),
        ("5 يناير 2023 الساعة 15.04", "2023-01-05T15:04"),
        ("05.01.2023 15.04", "2023-01-05T15:04"),
        # What JavaScript prints; a zone whose abbreviation stands for several offsets
        ("Thu Jan 05 2023 08:00:00 GMT+0300 (Arabian Standard Time)", "2023-01-05T08:00:00+03:00"),
        ("First Published: January 05, 2023, 12:30 IST", "2023-01-05T12:30"),
        # A relative word beside a full date adds nothing
        ("اليوم الخميس 14 مارس 2024", "2024-03-14"),
    ],
)
def test_a_written_date_is_read(written: str, iso: str) -> None:
    assert parse_date(written) == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "أهلا وسهلا",  # "welcome"
        "31/02/2024",
        "30 فبراير 2024",  # 30 February
        "29 شباط 2023",  # no leap year
        "45 مارس",
        "0 مارس 2024",
        "31 رجب 1445",  # no Hijri month has 31 days
        "مارس 2024",  # a month alone
        "2024",
        "5 مارس",  # no year
        "الخميس",  # "Thursday"
        "10:30",
        "آخر تحديث GMT 06:25:28",  # a time alone
        "03/04/18",  # which end is the year?
        "5 مارس 24",
        "5 مارس 1446 هـ",  # a Gregorian month in a Hijri year
        "12 رمضان 2024",  # and the other way round
        "12 رمضان 1446 م",
        "الأحد 28 يونيو 2021",  # it was a Monday
        "Tue, 07 Mar 2018 09:20:17 +0400",  # it was a Wednesday
        "28 يونيو/تموز 2021",  # two different months
        "12 جمادى الآخرة 1446 الموافق 13 مارس 2024",  # two different days
        "5 مارس 2024 - 9 مارس 2024",  # a range
        "5 مارس 2024 25:10",
        "5 مارس 2024 13:45 صباحا",  # 13:45 in the morning
        "5 مارس 2024 مساء",  # "evening", of no hour
        "5 مارس 3024",
        "2018-04-03 dump",
        "20231305150405",  # no month 13
        "5.1.23",
        "20181103",  # as likely a telephone number
        "في فبراير 2023، شارك وفد من البلدية",  # "in February 2023 a delegation of the municipality took part"
        "قُتل 3 أشخاص في 5 مارس 2024",  # "3 persons were killed on 5 March 2024"
        "Storm of March 26, 2024 leaves two dead",
        "© 2023 جميع الحقوق محفوظة",  # "all rights reserved"
        "الهاتف: 14/12/2024",  # "telephone"
    ],
)
def test_what_is_no_single_whole_date_is_not_guessed(text: str) -> None:
    assert parse_date(text) is None
    assert parse_date(text, dt.date(2024, 3, 14)) is None


@pytest.mark.parametrize(
    ("written", "to_the_day", "to_the_minute"),
    [
        ("اليوم", "2024-03-14", "2024-03-14"),  # "today"
        ("اليوم الخميس", "2024-03-14", "2024-03-14"),  # "today, Thursday", which it was
        ("أمس", "2024-03-13", "2024-03-13"),  # "yesterday"
        ("أمس الأربعاء 10:30", "2024-03-13T10:30", "2024-03-13T10:30"),
        ("أول من أمس", "2024-03-12", "2024-03-12"),  # "the day before yesterday"
        ("قبل 3 ساعات", "2024-03-14", "2024-03-14T06:30"),  # "3 hours ago"
        ("منذ ٣ ساعات", "2024-03-14", "2024-03-14T06:30"),
        ("منذ ساعة و20 دقيقة", "2024-03-14", "2024-03-14T08:10"),  # "an hour and 20 minutes ago"
        ("منذ يومين", "2024-03-12", "2024-03-12"),  # "two days ago", the dual
        ("قبل ثلاثة أيام", "2024-03-11", "2024-03-11"),  # "three days ago"
        ("منذ 15 يوما", "2024-02-28", "2024-02-28"),
        ("قبل أسبوع", "2024-03-07", "2024-03-07"),  # "a week ago"
        ("yesterday", "2024-03-13", "2024-03-13"),
        ("2 hours ago", "2024-03-14", "2024-03-14T07:30"),
        ("Updated an hour ago", "2024-03-14", "2024-03-14T08:30"),
    ],
)
def test_relative_words_count_from_the_reference_and_mean_nothing_without_one(
    written: str, to_the_day: str, to_the_minute: str
) -> None:
    assert parse_date(written) is None
    assert parse_date(written, dt.date(2024, 3, 14)) == to_the_day
    assert parse_date(written, dt.datetime(2024, 3, 14, 9, 30)) == to_the_minute


@pytest.mark.parametrize("text", ["اليوم الجمعة", "قبل 3 شهور", "منذ", "3 ساعات", "قبل اجتماع اليوم", "now 5"])
def test_relative_words_that_name_no_certain_day_stay_unread(text: str) -> None:
    # "today, Friday" of a Thursday; "3 months ago"; "since"; "3 hours"; "before today's meeting"
    assert parse_date(text, dt.date(2024, 3, 14)) is None


@pytest.mark.parametrize("family", MONTHS)
@pytest.mark.parametrize("digits", [{}, ARABIC_INDIC, PERSIAN])
@given(day=NEWS_DAYS)
def test_any_day_in_any_family_of_month_names_is_read_back(family: str, digits: dict[int, int], day: dt.date) -> None:
    month, weekday = MONTHS[family][day.month - 1], WEEKDAYS[day.weekday()]
    for written in (
        f"{day.day} {month} {day.year}",
        f"{weekday}، {day.day:02} {month}، {day.year}",
        f"{month} {day.day}, {day.year}",
        f"GMT {day.year} {weekday} ,{day.day:02} {month}",
        f"تاريخ النشر: {day.day} {month}/{GULF[day.month - 1]} {day.year} م",
    ):
        assert parse_date(written.translate(digits)) == day.isoformat()


@given(day=NEWS_DAYS)
def test_any_day_in_numbers_is_read_back_day_first(day: dt.date) -> None:
    for written in (f"{day.day}/{day.month}/{day.year}", f"{day:%d.%m.%Y}", f"{day:%Y/%m/%d}", f"{day:%Y-%m-%d}"):
        assert parse_date(written) == day.isoformat()


@given(day=st.dates(dt.date(1950, 1, 1), dt.date(2060, 12, 31)))
def test_any_hijri_day_is_read_back(day: dt.date) -> None:
    hijri = Gregorian.fromdate(day).to_hijri()
    by_name = f"{hijri.day} {HIJRI[hijri.month - 1]} {hijri.year}"
    for written in (
        f"{by_name} هـ",
        f"{WEEKDAYS[day.weekday()]} {by_name}هـ",
        f"{hijri.day}/{hijri.month}/{hijri.year}",
        f"{by_name} هـ الموافق {day.day} {MONTHS['the Levant'][day.month - 1]} {day.year} م",
    ):
        assert parse_date(written) == day.isoformat()


@given(
    moment=st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2060, 12, 31)).map(lambda m: m.replace(microsecond=0)),
    hours=st.integers(-11, 14),
)
def test_any_moment_in_rfc_822_and_iso_8601_is_read_back(moment: dt.datetime, hours: int) -> None:
    there = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    assert parse_date(format_datetime(there)) == there.isoformat()
    assert parse_date(there.isoformat()) == there.isoformat()
    assert parse_date(there.isoformat(sep=" ")) == there.isoformat()


@given(moment=st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2060, 12, 31)))
def test_any_minute_of_the_twelve_hour_clock_is_read_back(moment: dt.datetime) -> None:
    hour = moment.hour % 12 or 12
    for half in ("صباحًا", "ص", "AM") if moment.hour < 12 else ("مساءً", "م", "PM"):
        written = f"{moment.day} {GULF[moment.month - 1]} {moment.year} - {hour}:{moment:%M} {half}"
        assert parse_date(written) == f"{moment:%Y-%m-%dT%H:%M}"


PIECES = [*GULF, *HIJRI, *WEEKDAYS, *"/-.:,+()،", "منذ", "ساعة", "هـ", "م", "ص", "GMT", "آخر تحديث", "الموافق", "أمس"]


@given(
    st.one_of(
        st.text(),
        st.lists(st.one_of(st.sampled_from(PIECES), st.integers(0, 3000).map(str)), max_size=8).map(" ".join),
        st.text("0123456789/-:. +TZ", max_size=25),
    )
)
@example("قبل 99999999999999999999 ساعة")  # farther back than the calendar goes
@example("هـ 1446")  # the era before the year
@example("9" * LONGEST)
def test_no_text_raises_and_what_is_read_is_iso_8601(text: str) -> None:
    for reference in (None, dt.date(2024, 3, 14), dt.datetime(2024, 3, 14, 9, 30)):
        parsed = parse_date(text, reference)
        if parsed is not None:
            dt.datetime.fromisoformat(parsed)
            assert 10 <= len(parsed) <= len("2024-03-14T09:30:00+03:00")


@given(NEWS_DAYS)
def test_reading_a_result_again_changes_nothing(day: dt.date) -> None:
    assert parse_date(parse_date(day.isoformat()) or "") == day.isoformat()
