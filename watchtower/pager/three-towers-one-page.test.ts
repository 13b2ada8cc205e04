/** Three watchtowers tell one incident: one page, whoever tells it first, and over only when all of them say so. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { incidentEvents } from '@kuramori/core';
import { openDesk, type Desk } from './testing/desk.ts';

let desk: Desk;
beforeEach(async () => void (desk = await openDesk()));
afterEach(() => desk[Symbol.asyncDispose]());
const towers = ['tower-1', 'tower-2', 'tower-3'] as const;

describe('one incident, told by three', () => {
  it('is one page and one call, which names all three', async () => {
    const told = towers.map((tower) => desk.tell(tower, 'alarm: frozen', { why: 'a transfer unconfirmed' }));
    expect(await Promise.all(told)).toEqual([204, 204, 204]);
    await desk.tell('tower-2', 'alarm', { why: 'its second signature' });
    await desk.pass(1);
    expect(desk.pages().length).toBe(1);
    expect(
      desk
        .pages()[0]
        ?.sources.map(({ source }) => source)
        .sort(),
    ).toEqual([...towers]);
    expect(desk.called()).toEqual(['aiko']);
  });

  it('is over when all three say so, not when one does', async () => {
    for (const tower of towers) await desk.tell(tower, 'alarm: frozen');
    desk.pager().routes.acknowledge({ page: desk.pages()[0]?.id ?? '', by: 'aiko' });
    await desk.tell('tower-1', 'thawed', { standing: 0 });
    await desk.tell('tower-2', 'thawed', { standing: 1 });
    await desk.tell('tower-3', 'thawed', { standing: 0 });
    await desk.pass(1);
    expect(desk.pages()).toMatchObject([{ state: 'acknowledged' }]);
    await desk.tell('tower-2', 'thawed', { standing: 0 });
    await desk.pass(1);
    expect(desk.pages()).toEqual([]);
    // The next one is a page of its own.
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(0);
    expect(desk.pages()).toMatchObject([{ state: 'open' }]);
  });

  it('and another incident meanwhile is another page', async () => {
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.tell('tower-2', 'claims above holdings', { short: '5' });
    await desk.tell('tower-3', 'claims above holdings', { short: '5' });
    await desk.pass(0);
    expect(desk.pages().map(({ topic }) => topic)).toEqual(['alarm: frozen', 'claims above holdings']);
  });

  it('the same message again, as a retry brings it, is nothing new; also after a restart', async () => {
    expect(await desk.tell('tower-1', 'alarm: frozen', {}, 'msg_1')).toBe(204);
    expect(await desk.tell('tower-1', 'alarm: frozen', {}, 'msg_1')).toBe(204);
    await desk.restart();
    expect(await desk.tell('tower-1', 'alarm: frozen', {}, 'msg_1')).toBe(204);
    expect(desk.said('told').length).toBe(1);
    // An id is each watchtower's own.
    expect(await desk.tell('tower-2', 'alarm: frozen', {}, 'msg_1')).toBe(204);
    expect(desk.said('told').length).toBe(2);
  });
});

describe('the table of events', () => {
  it('says of every event that a watchtower notes what is done, and what only informs calls once and waits for nobody', async () => {
    for (const event of incidentEvents) await desk.tell('tower-1', event);
    const does = Object.fromEntries(desk.said('told').map((one) => [one.event, one.does]));
    expect(Object.keys(does)).toEqual([...incidentEvents]);
    expect(Object.entries(does).filter(([, what]) => what !== 'page')).toEqual([
      ['unexplained, and in a block', 'notify'],
      ['evacuation sent', 'notify'],
      ['evacuation announced', 'notify'],
      ['signer frozen', 'notify'],
      ['thawed', 'end'],
      ['the books are in order again', 'end'],
      ['a sign is over', 'end'],
      ['the pager is silent', 'ignore'],
      ['the pager reaches nobody', 'ignore'],
      ['the pager is in order again', 'ignore'],
    ]);
    expect(desk.pages().map(({ topic }) => topic)).not.toContain('signer frozen');
  });

  it('one that only informs is told once, however often it is told here', async () => {
    for (const tower of towers) await desk.tell(tower, 'signer frozen', { signer: 'signer-1' });
    await desk.pass(30);
    expect(desk.called()).toEqual(['aiko']);
    expect(desk.receivers.aiko.came[0]?.body).toContain('for your information');
    expect(desk.pager().routes.status().open).toBe(0);
  });

  it('one that nobody knows pages: a newer watchtower may say it', async () => {
    await desk.tell('tower-1', 'the sky falls');
    await desk.tell('tower-1', 'the sky falls still');
    await desk.pass(0);
    expect(desk.pages()).toMatchObject([{ topic: 'unknown events of tower-1' }]);
  });

  it('a configuration may say otherwise', async () => {
    await desk[Symbol.asyncDispose]();
    desk = await openDesk({ events: { 'signer frozen': 'page', 'books are silent': 'ignore' } });
    await desk.tell('tower-1', 'signer frozen');
    await desk.tell('tower-1', 'books are silent');
    await desk.pass(0);
    expect(desk.pages().map(({ topic }) => topic)).toEqual(['signer frozen']);
  });
});
