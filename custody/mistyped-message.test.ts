/** A digit mistyped in a deposit's message must not be another customer's. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMessageId, newMessage } from './customer.ts';

test('no id with one other digit is an id', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
      const message = newMessage();
      const mistyped = message.slice(0, at) + ((Number(message[at]) + by) % 10) + message.slice(at + 1);
      return isMessageId(message) && !isMessageId(mistyped);
    }),
  );
});

test('neighbours that changed places are no id, but for 0 and 9', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 }), (at) => {
      const message = newMessage();
      const pair = message.slice(at, at + 2);
      fc.pre(pair[0] !== pair[1] && pair !== '09' && pair !== '90');
      return !isMessageId(message.slice(0, at) + pair[1] + pair[0] + message.slice(at + 2));
    }),
  );
});

test('ISO/IEC 7812-1, annex B: the check digit of a known number', () => {
  expect(isMessageId('799273987130'.padStart(12, '0'))).toBe(false);
  expect(isMessageId('079927398713')).toBe(true);
});
