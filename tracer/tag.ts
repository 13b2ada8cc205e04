/** Tag: what somebody says an address is, and how sure they are. */
export interface Tag {
  readonly address: string;
  readonly label: string;
  readonly category: string;
  /** As GraphSense names them, `unknown` where nothing is said. */
  readonly confidence: string;
  readonly source: string;
}

/** Categories of people, and not of places where a trail ends. */
const perpetrators: ReadonlySet<string> = new Set([
  'heist',
  'hack',
  'hacker',
  'exploiter',
  'perpetrator',
  'phishing',
  'scam',
  'ransomware',
  'sanctioned',
]);

export const isPerpetrator = ({ category }: Tag): boolean => perpetrators.has(category.toLowerCase());
