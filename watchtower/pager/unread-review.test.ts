/** The weekly review: somebody reads what happened, all of it, or an alarm says that nobody did. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reviewDigest } from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { openDesk, type Desk } from './testing/desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  await desk.tell('tower-1', 'alarm: frozen');
  await desk.pass(1);
  answerAll();
  // Monday 09:00 to Wednesday 10:01, with the tests of two days.
  await desk.pass(23 * 60 + 1, 600);
  answerAll();
  await desk.pass(26 * 60, 600);
  answerAll();
});
afterEach(() => desk[Symbol.asyncDispose]());

const days = (count: number) => count * 24 * 60;
function answerAll(): void {
  for (const { id, state } of desk.pages())
    if (state === 'open') desk.pager().routes.acknowledge({ page: id, by: 'aiko' });
}
function list() {
  const { review } = desk.pager().routes.review({ from: null });
  if (!review) throw new Error('no review is due');
  return review;
}
async function passAnswering(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 30) {
    await desk.pass(Math.min(30, minutes - passed), 1800);
    for (const { id, state, topic } of desk.pages())
      if (state === 'open' && topic !== 'nobody has read the journal')
        desk.pager().routes.acknowledge({ page: id, by: 'aiko' });
  }
}
const unread = () => desk.pages().filter(({ topic }) => topic === 'nobody has read the journal');

describe('a review that is due', () => {
  it('holds every line since the beginning, and its digest is over them as they stand in the file', () => {
    const { from, to, lines, digest, due } = list();
    expect(from).toBe(1);
    expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: to }, (_, index) => index + 1));
    expect(lines.map(({ said }) => said.kind)).toEqual(
      expect.arrayContaining(['started', 'told', 'opened', 'called', 'delivered', 'acknowledged']),
    );
    expect(digest).toBe(reviewDigest(lines.map((line) => jsonText(line))));
    expect(new Date(due).toISOString().slice(0, 15)).toBe('2026-01-07T01:0');
  });

  it('is signed off by its digest and by nobody unknown; then nothing is due for a week', async () => {
    const { digest, to } = list();
    const sign = (asked: { digest: string; by: string }) => desk.pager().routes.reviewed(asked);
    expect(sign({ digest: '0'.repeat(64), by: 'ben' })).toMatchObject({ why: 'another-list' });
    expect(sign({ digest, by: 'mallory' })).toMatchObject({ why: 'unknown-person' });
    expect(sign({ digest, by: 'ben' })).toEqual({ kind: 'done' });
    expect(sign({ digest, by: 'ben' })).toMatchObject({ why: 'no-review' });
    expect(desk.said('reviewed')).toEqual([{ kind: 'reviewed', by: 'ben', from: 1, to, digest }]);
    await passAnswering(days(4));
    expect(unread()).toEqual([]);
    await passAnswering(days(3) + 30);
    expect(list().from).toBe(to + 1);
  });

  it('that nobody reads within two days is a page, over only when somebody has read it', async () => {
    await passAnswering(days(2) - 60);
    expect(unread()).toEqual([]);
    await passAnswering(90);
    expect(unread()).toMatchObject([{ state: 'open' }]);
    expect(desk.called()).toContain('chiyo');
    desk.pager().routes.acknowledge({ page: unread()[0]?.id ?? '', by: 'ben' });
    await passAnswering(60);
    expect(unread()).toMatchObject([{ state: 'acknowledged' }]);
    desk.pager().routes.reviewed({ digest: list().digest, by: 'ben' });
    await desk.pass(1);
    expect(unread()).toEqual([]);
  });

  it('a list that has grown by another week is another list: its old digest signs nothing', async () => {
    const before = list();
    await passAnswering(days(7));
    expect(list().to).toBeGreaterThan(before.to);
    expect(list().due).toBe(before.due);
    expect(desk.pager().routes.reviewed({ digest: before.digest, by: 'ben' })).toMatchObject({
      why: 'another-list',
    });
    expect(desk.pager().routes.reviewed({ digest: list().digest, by: 'ben' })).toEqual({ kind: 'done' });
  });

  it('stays due over a restart', async () => {
    const before = list();
    await desk.restart();
    expect(list()).toEqual(before);
  });
});
