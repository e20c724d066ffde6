import type { Price } from './prices.ts';

/** What one thing costs a month, how that was reckoned, and where its price is from. */
export interface CostLine {
  readonly what: string;
  /** Undefined where it is not known. */
  readonly monthlyUsd: number | undefined;
  readonly how: string;
  readonly source: string;
  readonly date: string;
}

/** So much of something. */
export interface Quantity {
  readonly amount: number;
  readonly unit: string;
}

/** A quantity at a price each; unknown where either is. */
export function line(what: string, price: Price, quantity: Quantity | undefined, note: string): CostLine {
  const { usd, source, date } = price;
  if (quantity === undefined) return { what, monthlyUsd: undefined, how: note, source, date };
  const { amount, unit } = quantity;
  const how =
    usd === undefined ? 'no price was found for this region' : `${rounded(amount)} ${unit} at ${rounded(usd)} USD`;
  return {
    what,
    monthlyUsd: usd === undefined ? undefined : inCents(usd * amount),
    how: `${how}; ${note}`,
    source,
    date,
  };
}

export const inCents = (usd: number): number => Math.round(usd * 100) / 100;

/** For people: prices have up to five places, and what binary fractions add is cut off. */
const rounded = (value: number): number => Number(value.toFixed(value < 1 ? 6 : 1));
