/** Nobody answers: the next ones are called, and all of them again, until somebody does; the daily test page no less. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begins, openDesk, type Desk } from './testing/desk.ts';
import { jsonOf } from './testing/receiver.ts';

let desk: Desk;
beforeEach(async () => void (desk = await openDesk()));
afterEach(() => desk[Symbol.asyncDispose]());
const minute = 60_000;
const onlyPage = () => {
  const [page] = desk.pages();
  if (!page) throw new Error('there is no page');
  return page;
};

describe('an alarm that nobody answers', () => {
  it('calls who is on call, after ten minutes the next, after twenty everybody, each again every five', async () => {
    expect(await desk.tell('tower-1', 'alarm: frozen', { why: 'a transfer unconfirmed' })).toBe(204);
    await desk.pass(0);
    expect(desk.called()).toEqual(['aiko']);
    await desk.pass(4.9);
    expect(desk.called()).toEqual([]);
    await desk.pass(0.2);
    expect(desk.called()).toEqual(['aiko']);
    await desk.pass(5);
    expect(desk.called()).toEqual(['ben']);
    await desk.pass(5);
    expect([...desk.called()].sort()).toEqual(['aiko', 'ben']);
    await desk.pass(5);
    expect([...desk.called()].sort()).toEqual(['ben', 'chiyo']);
    await desk.pass(5);
    expect([...desk.called()].sort()).toEqual(['aiko', 'ben', 'chiyo']);
    expect(desk.pager().routes.status().nobody).toMatch(/^nobody answers page p-[0-9a-f]{8}: alarm: frozen$/);
    await desk.pass(60);
    expect(desk.called().length).toBe(12 * 3);
    expect(
      desk
        .said('called')
        .map(({ why }) => why)
        .slice(0, 5),
    ).toEqual(['opened', 'repeated', 'escalated', 'repeated', 'escalated']);
  });

  it('is quiet as soon as somebody has; the others are told who', async () => {
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(11);
    const { id } = onlyPage();
    expect(desk.pager().routes.acknowledge({ page: id, by: 'ben' })).toEqual({ kind: 'done' });
    await desk.pass(0);
    desk.called();
    expect(jsonOf(desk.receivers.aiko.came.at(-1) as never)).toMatchObject({
      type: 'page.acknowledged',
      data: { page: id, by: 'ben' },
    });
    await desk.pass(120, 60);
    expect(desk.called()).toEqual([]);
    expect(desk.pager().routes.acknowledge({ page: id, by: 'aiko' })).toMatchObject({ why: 'answered' });
    expect(desk.pager().routes.acknowledge({ page: id, by: 'nobody' })).toMatchObject({
      why: 'unknown-person',
    });
    expect(desk.pager().routes.status().nobody).toBe(null);
  });

  it('opens again half an hour after the answer, where the incident goes on; and not where it does not', async () => {
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(1);
    desk.pager().routes.acknowledge({ page: onlyPage().id, by: 'aiko' });
    await desk.pass(5);
    desk.called();
    await desk.tell('tower-1', 'alarm', { why: 'another one' });
    await desk.pass(24.9);
    expect(desk.called()).toEqual([]);
    await desk.pass(0.2);
    expect(desk.called()).toEqual(['aiko']);
    expect(onlyPage()).toMatchObject({ state: 'open', what: 'tower-1: alarm\nwhy: another one' });
    // And its escalation begins anew.
    await desk.pass(10);
    expect(desk.called()).toContain('ben');
    desk.pager().routes.acknowledge({ page: onlyPage().id, by: 'ben' });
    await desk.pass(0);
    desk.called();
    await desk.pass(180, 60);
    expect(desk.called()).toEqual([]);
  });

  it('is over only once its watchtower says so and somebody has answered: a thief who could end it would silence it', async () => {
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.tell('tower-1', 'thawed', { standing: 0 });
    await desk.pass(30);
    expect(desk.called()).toContain('chiyo');
    expect(onlyPage().state).toBe('open');
    desk.pager().routes.acknowledge({ page: onlyPage().id, by: 'chiyo' });
    await desk.pass(1);
    expect(desk.pages(true)).toMatchObject([{ state: 'resolved' }]);
  });

  it('goes at once to the next level where no channel takes its message', async () => {
    desk.receivers.aiko.status = 500;
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(0.9);
    expect(desk.pager().routes.status().nobody).toBe(null);
    await desk.pass(0.2);
    expect(new Set(desk.called())).toEqual(new Set(['aiko', 'ben']));
    expect(desk.said('called').at(-1)).toMatchObject({ level: 1, why: 'nobody reached' });
    expect(desk.said('delivered')[0]).toMatchObject({
      person: 'aiko',
      accepted: false,
      answer: 'status 500',
    });
    // The same refusal again is no new line, and it is tried again all the same.
    await desk.pass(1);
    expect(desk.said('delivered').filter(({ person }) => person === 'aiko').length).toBe(1);
    desk.receivers.aiko.status = 200;
    await desk.pass(1);
    expect(desk.said('delivered').at(-1)).toMatchObject({ person: 'aiko', accepted: true });
  });

  it('says to the watchtowers that nobody is reached, where nobody is', async () => {
    for (const receiver of Object.values(desk.receivers)) receiver.status = 500;
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(1.1);
    expect(desk.pager().routes.status().nobody).toMatch(
      /^no channel takes page p-[0-9a-f]{8}: alarm: frozen$/,
    );
  });
});

describe('a clock that is set', () => {
  // Well after the handover, so that it is one person's turn.
  beforeEach(() => desk.pass(180, 3600));

  it('back by an hour hides nothing: everybody is called at once, and nobody a hundred times', async () => {
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(0);
    desk.called();
    desk.clock.ms -= 60 * minute;
    await desk.pass(0);
    expect([...new Set(desk.called())].sort()).toEqual(['ben', 'chiyo']);
    await desk.pass(4);
    expect(desk.called()).toEqual([]);
    await desk.pass(2);
    expect([...desk.called()].sort()).toEqual(['aiko', 'ben', 'chiyo']);
  });

  it('back while a channel refuses does not keep it from being tried again', async () => {
    for (const receiver of Object.values(desk.receivers)) receiver.status = 500;
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(1);
    desk.clock.ms -= 60 * minute;
    for (const receiver of Object.values(desk.receivers)) receiver.status = 200;
    desk.called();
    await desk.pass(0);
    expect(desk.called()).toContain('aiko');
  });

  it('back by a moment, as the network sets it, calls nobody once more', async () => {
    await desk.tell('tower-1', 'alarm: frozen');
    desk.clock.ms -= 500;
    await desk.pass(0);
    expect(desk.called()).toEqual(['aiko']);
    desk.clock.ms -= 500;
    await desk.pass(4);
    expect(desk.called()).toEqual([]);
  });
});

describe('the daily test page', () => {
  const untilTest = 23 * 60;

  it('comes at its hour, once, and is over when somebody answers', async () => {
    await desk.pass(untilTest - 1, 600);
    expect(desk.called()).toEqual([]);
    await desk.pass(2);
    expect(desk.called()).toEqual(['aiko']);
    expect(onlyPage()).toMatchObject({ topic: 'the daily test page', opened: begins + untilTest * minute });
    desk.pager().routes.acknowledge({ page: onlyPage().id, by: 'aiko' });
    await desk.pass(60, 60);
    expect(desk.pages()).toEqual([]);
    expect(desk.called()).toEqual([]);
    // And the next day again.
    await desk.pass(untilTest, 600);
    expect(onlyPage().topic).toBe('the daily test page');
  });

  it('escalates, and then is an alarm of its own', async () => {
    await desk.pass(untilTest + 1, 60);
    await desk.pass(20);
    expect(desk.called()).toContain('chiyo');
    expect(desk.pages().map(({ topic }) => topic)).toEqual(['the daily test page']);
    await desk.pass(5);
    expect(desk.pages().map(({ topic }) => topic)).toEqual([
      'the daily test page',
      'nobody answered the test page',
    ]);
    expect(desk.pager().routes.status().nobody).toMatch(/the daily test page$/);
    // A day later there is one test page, not two, and still one alarm.
    await desk.pass(24 * 60, 600);
    expect(
      desk
        .pages()
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(['nobody answered the test page', 'the daily test page']);
  });

  it('is made up for where the pager was down at its hour', async () => {
    desk.clock.ms += (untilTest + 120) * minute;
    await desk.restart();
    await desk.pass(0);
    expect(onlyPage().topic).toBe('the daily test page');
  });
});

describe('whose turn it is', () => {
  it('changes with the handover, also for a page that is open', async () => {
    await desk.pass(7 * 24 * 60 - 1, 3600);
    for (const { id } of desk.pages()) desk.pager().routes.acknowledge({ page: id, by: 'chiyo' });
    await desk.pass(0);
    desk.called();
    expect(desk.pager().routes.status().onCall).toBe('aiko');
    await desk.tell('tower-1', 'alarm: frozen');
    await desk.pass(0);
    expect(desk.called()).toEqual(['aiko']);
    await desk.pass(5.1);
    expect(desk.called()).toEqual(['ben']);
    expect(desk.pager().routes.status().onCall).toBe('ben');
  });
});
