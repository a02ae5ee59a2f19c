/** Seconds as `m:ss.f` (tenths): the one way in which places and lengths of media are written. */
export function timecode(seconds: number): string {
  const tenths = Math.round(Math.max(0, seconds) * 10);
  return `${minutes(Math.floor(tenths / 10))}.${tenths % 10}`;
}

/** A short length in seconds to the tenth, as "1.2 s" in the page's language. */
export const seconds = (length: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(Math.max(0, length));

/** A length as `m:ss`. */
export function clock(seconds: number): string {
  return minutes(Math.round(Math.max(0, seconds)));
}

const two = (value: number) => String(value).padStart(2, '0');
const minutes = (seconds: number) => `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "3 minutes ago", in the page's language; `now` and `then` in milliseconds. */
export function ago(then: number, now: number, language: string): string {
  const seconds = (then - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, 'second');
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A size such as "4.2 MB", in powers of 1000 as disks are sold. */
export function byteSize(bytes: number, language: string): string {
  const step = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: byteUnits[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: step < 2 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}

/** US dollars; amounts below a cent keep their digits. */
export function dollars(amount: number, language: string): string {
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: amount !== 0 && amount < 0.1 ? 3 : 2,
  }).format(amount);
}

/** A number with two decimals: `0.50`, `0,50`. */
export const hundredths = (value: number, language: string): string =>
  new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

export function percent(fraction: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(fraction);
}

/** A length of time as people say it: "40 sec", "3 min". For how long work takes, not for media. */
export function roughTime(seconds: number, language: string): string {
  const [value, unit] =
    seconds < 90 ? [Math.max(1, Math.round(seconds)), 'second'] : [Math.round(seconds / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** A range this much wider than its beginning says no more than its end. */
const WIDEST_RANGE = 4;

/** Two lengths of time as one, in the unit of the longer: "1–2 min"; null when they lie too far apart. */
export function roughRange(from: number, to: number, language: string): string | null {
  if (to > from * WIDEST_RANGE) return null;
  const [size, unit] = to < 90 ? [1, 'second'] : [60, 'minute'];
  const [first, last] = [from, to].map((seconds) => Math.max(1, Math.round(seconds / size)));
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  return first === last ? format.format(last ?? 1) : format.formatRange(first ?? 1, last ?? 1);
}

/**
 * Seconds until work that began at `startedAt` (ms) is done, if it goes on as it went; null while too
 * little is done to tell.
 */
export function secondsLeft(startedAt: number, now: number, progress: number): number | null {
  const elapsed = (now - startedAt) / 1000;
  if (progress < 0.05 || progress >= 1 || elapsed < 1) return null;
  return (elapsed * (1 - progress)) / progress;
}
