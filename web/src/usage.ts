// Pictures day by day, as the server tells them.
export interface UsageDay {
  date: string; // "2026-11-21", UTC
  images: number;
}

/** So many days hold every month whole. */
export const monthDays = 31;

/** Pictures of the month of the last of DAYS. */
export const monthSum = (days: readonly UsageDay[]): number =>
  days.reduce((sum, one) => sum + (one.date.slice(0, 7) === days.at(-1)!.date.slice(0, 7) ? one.images : 0), 0);
