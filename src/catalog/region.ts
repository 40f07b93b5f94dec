/** A metropolitan area: the granularity at which latency between a user and a data centre is known. */
export interface Region {
  /** `<country>-<city>` in lower case; never changes once published: sites and requests refer to it. */
  readonly code: string;
  /** English name of the city. */
  readonly name: string;
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  /** Degrees, WGS 84, of the city or of the data-centre cluster it is known for; two decimals, about a kilometre. */
  readonly lat: number;
  readonly lon: number;
  /** Cloud regions in this metro (`aws:eu-central-1`), and other spellings of its name. */
  readonly aliases: readonly string[];
}
