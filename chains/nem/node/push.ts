/**
 * What a NIS1 node pushes (STOMP over a WebSocket, port 7778, MessagingService), as far as anybody may believe it: that it
 * pushed something. What it says is not read: NIS lets any client of its WebSocket speak on these topics.
 */
import { openWebSocket, type WebSocketLine } from './web-socket.ts';

export interface PushState {
  readonly connected: boolean;
  /** How many there were, ever. */
  readonly pushes: number;
  /** Why it is not connected. */
  readonly why: string | null;
}

/** A subscription that is made again for as long as it lives. */
export interface Pushes extends Disposable {
  readonly state: () => PushState;
}

const [firstPauseMs, longestPauseMs] = [1_000, 30_000];
const answerMs = 10_000;

/**
 * `at`: where a node's WebSocket is, ws://…/w/messages/websocket. `addresses`: whose unconfirmed transactions it shall push.
 * Never throws, and keeps no process alive.
 */
export function listenForPushes(at: string, addresses: readonly string[], pushed: () => void): Pushes {
  let line: WebSocketLine | null = null;
  let timer: NodeJS.Timeout | undefined;
  let pauseMs = firstPauseMs;
  let state: PushState = { connected: false, pushes: 0, why: 'not connected yet' };

  function connect(): void {
    const opened = openWebSocket(at, {
      opened() {
        opened.send(
          stomp('CONNECT', {
            'accept-version': '1.1,1.2',
            host: new URL(at).hostname,
            'heart-beat': '0,0',
          }),
        );
        timer = setTimeout(() => again('no CONNECTED'), answerMs).unref();
      },
      began: (start) => hear(opened, /^[\r\n]*([A-Z]*)/.exec(start)?.[1] ?? ''),
      closed: again,
    });
    line = opened;
  }

  function hear(from: WebSocketLine, command: string): void {
    if (command === 'ERROR') return again('answered ERROR');
    if (command === 'CONNECTED' && !state.connected) {
      clearTimeout(timer);
      state = { ...state, connected: true, why: null };
      for (const frame of subscriptions(addresses)) from.send(frame);
    }
    if (command !== 'MESSAGE' || !state.connected) return;
    state = { ...state, pushes: state.pushes + 1 };
    // Not before: who accepts everybody and says nothing is asked more and more seldom.
    pauseMs = firstPauseMs;
    pushed();
  }

  function again(why: string): void {
    line?.end();
    clearTimeout(timer);
    state = { ...state, connected: false, why: `${at}: ${why}` };
    timer = setTimeout(connect, pauseMs).unref();
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  connect();
  return {
    state: () => state,
    [Symbol.dispose]() {
      clearTimeout(timer);
      line?.end();
    },
  };
}

/** New blocks; and of each account what is unconfirmed, which NIS pushes for accounts only that somebody has named to it. */
function subscriptions(addresses: readonly string[]): readonly string[] {
  return [
    stomp('SUBSCRIBE', { id: 'blocks', destination: '/blocks/new' }),
    ...addresses.flatMap((address) => [
      stomp('SUBSCRIBE', { id: address, destination: `/unconfirmed/${address}` }),
      stomp('SEND', { destination: '/w/api/account/subscribe' }, JSON.stringify({ account: address })),
    ]),
  ];
}

/** One frame of STOMP 1.2; nothing that is written here needs an escape. */
function stomp(command: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return `${command}\n${lines.join('')}\n${body}\0`;
}
