/** What a run of chaos came to, for people. */
import type { Chaos } from './chaos.ts';

export function chaosTable({
  on,
  seed,
  minutes,
  kills,
  killed,
  faults,
  acts,
  disks,
  unanswered,
  refused,
  counted,
  findings,
  passed,
}: Chaos): string {
  const rows = (title: string, all: Readonly<Record<string, number>>) =>
    Object.entries(all)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, count]) => `| ${title} | ${name} | ${count} |`);
  return [
    `on ${on}, seed ${seed}, ${minutes.toFixed(1)} minutes: ${passed ? 'everything holds' : 'NOT EVERYTHING HOLDS'}`,
    '',
    `${acts.length} acts, chosen by the seed alone; disks made full by ${disks}`,
    '',
    '| | what | how often |',
    '|---|---|---:|',
    `| killed | all together | ${killed} |`,
    ...rows('killed', kills),
    ...rows('fault', faults),
    `| asked again | no answer | ${unanswered} |`,
    ...rows('refused', refused),
    `| withdrawals | accepted | ${counted.withdrawals} |`,
    `| withdrawals | paid once | ${counted.paid} |`,
    `| withdrawals | returned | ${counted.returned} |`,
    ...rows('returned, since', counted.reasons),
    `| deposits | credited once | ${counted.deposits} |`,
    `| sweeps | moved once | ${counted.sweeps} |`,
    `| books | transfers | ${counted.transfers} |`,
    ...findings.map((finding) => `\n* ${finding}`),
  ].join('\n');
}
