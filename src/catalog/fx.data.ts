/**
 * Rates that a new market starts with, in US dollars per unit times 1e9: round figures of autumn 2026, good enough
 * to try the market and replaced by an admin through `PUT /v1/admin/fx-rates`.
 */
export const INITIAL_FX_RATES: readonly { currency: string; rate_nanos: number }[] = [
  { currency: 'CNY', rate_nanos: 140_000_000 },
  { currency: 'EUR', rate_nanos: 1_150_000_000 },
  { currency: 'GBP', rate_nanos: 1_330_000_000 },
  { currency: 'JPY', rate_nanos: 6_600_000 },
  { currency: 'HKD', rate_nanos: 128_000_000 },
  { currency: 'SGD', rate_nanos: 770_000_000 },
  { currency: 'KRW', rate_nanos: 710_000 },
  { currency: 'INR', rate_nanos: 11_300_000 },
  { currency: 'CAD', rate_nanos: 715_000_000 },
  { currency: 'AUD', rate_nanos: 650_000_000 },
  { currency: 'CHF', rate_nanos: 1_240_000_000 },
  { currency: 'SEK', rate_nanos: 105_000_000 },
  { currency: 'NOK', rate_nanos: 99_000_000 },
  { currency: 'PLN', rate_nanos: 271_000_000 },
  { currency: 'AED', rate_nanos: 272_300_000 },
  { currency: 'SAR', rate_nanos: 266_600_000 },
  { currency: 'BRL', rate_nanos: 186_000_000 },
  { currency: 'USD', rate_nanos: 1_000_000_000 },
];
