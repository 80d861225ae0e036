/** Dates as chat templates write them: the part of C's strftime that depends on no locale but English, in UTC. */
import { RequestError } from "../errors.ts";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/**
 * A date in a format such as `%d %b %Y`.
 *
 * @throws {RequestError} the format has a directive that is not known here
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?)(.)/gs, (directive, unpadded: string, letter: string) => {
    const text = directiveText(date, letter);
    if (text === undefined)
      throw new RequestError(`strftime_now: ${directive} in ${JSON.stringify(format)} is unknown`);
    return unpadded ? text.replace(/^0+(?=.)/, "") : text;
  });
}

function directiveText(date: Date, letter: string): string | undefined {
  const two = (value: number) => String(value).padStart(2, "0");
  const month = MONTHS[date.getUTCMonth()] ?? "";
  const day = DAYS[date.getUTCDay()] ?? "";
  const hour = date.getUTCHours();
  switch (letter) {
    case "Y":
      return String(date.getUTCFullYear());
    case "y":
      return two(date.getUTCFullYear() % 100);
    case "m":
      return two(date.getUTCMonth() + 1);
    case "B":
      return month;
    case "b":
      return month.slice(0, 3);
    case "d":
      return two(date.getUTCDate());
    case "A":
      return day;
    case "a":
      return day.slice(0, 3);
    case "H":
      return two(hour);
    case "I":
      return two(hour % 12 || 12);
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "M":
      return two(date.getUTCMinutes());
    case "S":
      return two(date.getUTCSeconds());
    case "%":
      return "%";
    default:
      return undefined;
  }
}
