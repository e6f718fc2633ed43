/** Durations and moments, as people and stanzas write them. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  buildDateTime,
  buildEnd,
  isOffCalendar,
  parseDateTime,
  parsePlainTime,
} from "../../src/stanza/date-time.ts";
import { buildDuration, parseDuration } from "../../src/stanza/duration.ts";

const time = suite("durations and moments");

const HOUR = 3_600;
const DAY = 24 * HOUR;

const DURATIONS: readonly [string, number][] = [
  ["90m", 90 * 60],
  ["7d", 7 * DAY],
  ["7D", 7 * DAY],
  ["1h30m", 1.5 * HOUR],
  ["1h 30m", 1.5 * HOUR],
  ["1.5h", 1.5 * HOUR],
  ["2 weeks", 14 * DAY],
  ["1 day 2 hours", 26 * HOUR],
  ["45 s", 45],
  ["1y", 365.25 * DAY],
  ["100 years", 36_525 * DAY],
  ["P1DT2H", 26 * HOUR],
  ["P7D", 7 * DAY],
  ["P2W", 14 * DAY],
  ["PT90M", 90 * 60],
  ["PT1,5H", 1.5 * HOUR],
  ["P0.5D", 12 * HOUR],
  ["P1M", (365.25 / 12) * DAY],
  ["P1Y", 365.25 * DAY],
  ["P1Y2M3DT4H5M6S", 365.25 * DAY * (1 + 2 / 12) + 3 * DAY + 4 * HOUR + 5 * 60 + 6],
];

for (const [text, seconds] of DURATIONS) {
  time(`${text} is ${seconds} seconds`, () => assert.is(parseDuration(text), seconds));
}

const NO_DURATIONS = [
  "1s".repeat(60),
  "",
  "5",
  "90000",
  "d",
  "M",
  "1M",
  "1M30s",
  "1mo",
  "foo",
  "1 foo 5m",
  "foo 5m",
  "5m foo",
  "1h3",
  "1,5h",
  "-1d",
  "1e3d",
  "1_000d",
  "0d",
  "0.4s",
  "400ms",
  "P",
  "PT",
  "P0D",
  "PT0S",
  "p1d",
  "P1D2H",
  "P1DT",
  "-P1D",
  "P-1D",
  "xP1D",
  "P1D\nP2D",
  `${"9".repeat(40)}d`,
  `PT${"9".repeat(400)}S`,
  "2026-01-01T00:00:00Z",
];

for (const text of NO_DURATIONS) {
  time(`${JSON.stringify(text.slice(0, 30))} is no duration`, () =>
    assert.is(parseDuration(text), undefined),
  );
}

time("a duration that is written is read as the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 36_525 * DAY }), (seconds) => {
      assert.is(parseDuration(buildDuration(seconds)), seconds);
    }),
  );
  assert.is(buildDuration(26 * HOUR), "1d 2h");
  assert.is(buildDuration(7 * DAY), "7d");
});

const MOMENTS: readonly [string, string][] = [
  ["1969-07-21T02:56:15Z", "1969-07-21T02:56:15Z"],
  ["1969-07-20T21:56:15-05:00", "1969-07-21T02:56:15Z"],
  ["2028-02-29T23:59:59.5Z", "2028-02-29T23:59:59.500Z"],
  ["2026-12-24T00:00:00+14:00", "2026-12-23T10:00:00Z"],
  ["2026-12-24T00:00:00.123456789Z", "2026-12-24T00:00:00.123Z"],
];

for (const [text, utc] of MOMENTS) {
  time(`${text} is ${utc}`, () => assert.is(buildDateTime(parseDateTime(text) ?? Number.NaN), utc));
}

const NO_MOMENTS = [
  "",
  "tomorrow",
  "2026-12-24",
  "18:00:00Z",
  "2026-12-24T18:00:00",
  "2026-12-24 18:00:00Z",
  "2026-12-24T18:00Z",
  "2026-12-24T18:00:00+25:00",
  "2026-02-30T00:00:00Z",
  "2026-02-29T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-12-31T23:59:60Z",
  "2026-12-24T24:00:00Z",
  "+010000-01-01T00:00:00Z",
  "20261224T18:00:00Z",
  "2026-12-24T18:00:00Z ",
];

for (const text of NO_MOMENTS) {
  time(`${JSON.stringify(text)} is no moment`, () => assert.is(parseDateTime(text), undefined));
}

const PLAIN: readonly [string, string | undefined][] = [
  ["2027-01-31", "2027-01-31T23:59:59Z"],
  ["2028-02-29", "2028-02-29T23:59:59Z"],
  ["2027-01-31 18:05", "2027-01-31T18:05:00Z"],
  ["2027-01-31 18:05:07", "2027-01-31T18:05:07Z"],
  ["2027-01-31 24:00", undefined],
  ["2027-01-31 18:60", undefined],
  ["2027-01-31 8:00", undefined],
  ["2027-01-31  18:00", undefined],
  ["2027-01-31 18:00Z", undefined],
  ["2027-01-31T18:00", undefined],
  ["2027-02-29", undefined],
  ["2027-02-29 18:00", undefined],
  ["2027-1-31", undefined],
  ["31.1.2027", undefined],
  ["", undefined],
];

for (const [text, utc] of PLAIN) {
  time(`${JSON.stringify(text)}, as people write it, is ${utc ?? "no time"}`, () => {
    const ms = parsePlainTime(text);
    assert.is(ms === undefined ? undefined : buildDateTime(ms), utc);
  });
}

time("a date that the calendar does not have is told from what is no date", () => {
  for (const text of ["2027-02-30", "2027-13-01", "2027-02-30 18:00", "2027-00-10T18:00:00Z"]) {
    assert.ok(isOffCalendar(text), text);
  }
  for (const text of ["2027-02-28", "tomorrow", "2027-02-301", "7d", "2028-02-29T99:00:00Z"]) {
    assert.not(isOffCalendar(text), text);
  }
});

time("an end is written to the second, and never earlier than it is", () => {
  assert.is(buildEnd("2026-12-24T18:00:00.000Z"), "2026-12-24T18:00:00Z");
  assert.is(buildEnd("2026-12-24T18:00:00.001Z"), "2026-12-24T18:00:01Z");
  assert.is(buildEnd("2026-12-31T23:59:59.999Z"), "2027-01-01T00:00:00Z");
});

time("a moment that is written is read as the same", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2199-01-01"), noInvalidDate: true }), (date) => {
      assert.is(parseDateTime(buildDateTime(date.getTime())), date.getTime());
    }),
  );
});

time("no text makes either of them throw", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from("PT0123456789YMWDHS.,-:+Z dhms")) }),
      (text) => {
        parseDuration(text);
        parseDateTime(text);
      },
    ),
    { numRuns: 2_000 },
  );
});

time.run();
