/** What systemd.timer(5) is told: `OnCalendar` expressions, any of which starts the job, or a delay after boot. */
export type Schedule = { readonly onCalendar: readonly string[] } | { readonly onBootSec: number };

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const monthNames = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const shownDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

interface Field {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

/**
 * A crontab's schedule, five fields or @nickname, as a timer's; undefined where it cannot be said (`~`, `L`, `#`). As
 * in cron(8), days of the month and of the week that are both given are either-or.
 */
export function scheduleOf(cron: string, timeZone = ''): Schedule | undefined {
  if (cron === '@reboot') return { onBootSec: 60 };
  const fields = (nicknames[cron] ?? cron).toLowerCase().trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = values(minute, { from: 0, to: 59 });
  const hours = values(hour, { from: 0, to: 23 });
  const days = values(day, { from: 1, to: 31 });
  const months = values(month, { from: 1, to: 12, names: monthNames });
  const weekdays = values(weekday, { from: 0, to: 7, names: dayNames });
  if (fields.length !== 5 || !minutes || !hours || !days || !months || !weekdays) return undefined;
  const week = [...new Set(weekdays.map((each) => each % 7))].sort((a, b) => a - b);
  const names = week.length === 7 ? '' : `${week.map((each) => shownDays[each]).join(',')} `;
  const at = `${part(hours, 0, 23)}:${part(minutes, 0, 59)}:00${timeZone === '' ? '' : ` ${timeZone}`}`;
  const date = (each: readonly number[]) => `*-${part(months, 1, 12)}-${part(each, 1, 31)} ${at}`;
  const everyDay = Array.from({ length: 31 }, (_, index) => index + 1);
  const eitherOr = !day.startsWith('*') && !weekday.startsWith('*');
  return { onCalendar: eitherOr ? [date(days), `${names}${date(everyDay)}`] : [`${names}${date(days)}`] };
}

/** `*`, or the two-digit values: systemd reads a list as cron does. */
function part(found: readonly number[], from: number, to: number): string {
  const first = found[0] ?? from;
  const step = (found[1] ?? first) - first;
  if (found.length === to - from + 1) return '*';
  const isStep = found.length > 2 && found.every((value, index) => value === first + index * step);
  if (isStep && (found.at(-1) ?? 0) + step > to) return `${two(first)}/${step}`;
  if (isStep && step === 1) return `${two(first)}..${two(found.at(-1) ?? first)}`;
  return found.map(two).join(',');
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Every value that a field names, in order; undefined where it is not understood. */
function values(text: string, field: Field): number[] | undefined {
  const parts = text.split(',').map((each) => range(each, field));
  const found = parts.flatMap((each) => each ?? []);
  return parts.includes(undefined) ? undefined : [...new Set(found)].sort((a, b) => a - b);
}

function range(text: string, { from, to, names = [] }: Field): number[] | undefined {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, star, low = '', high, step] = match;
  if (star === undefined && high === undefined && step !== undefined) return undefined; // 5/10: crons differ
  const number = (word: string) => (/^\d+$/.test(word) ? Number(word) : names.indexOf(word));
  const first = star === undefined ? number(low) : from;
  const last = star === undefined ? (high === undefined ? first : lastOf(high, first, number, names)) : to;
  const by = step === undefined ? 1 : Number(step);
  if (by === 0 || first < from || last > to || first > last) return undefined;
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
}

/** `fri-sun` ends with the seventh day. */
const lastOf = (word: string, first: number, number: (word: string) => number, names: readonly string[]): number =>
  number(word) < first && number(word) === 0 && names === dayNames ? 7 : number(word);
