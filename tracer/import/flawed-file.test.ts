/** A file that is not what it says: one error, with the file, the line, the field and what to do. */
import { describe, expect, it } from 'vitest';
import { readHeist, readLaunder, readSanctions, readTagPack, resultOf } from '../index.ts';
import { heldBy, traced } from '../testing/moves.ts';

const [thief, ann, bob] = ['1', '2', '3'].map((digit) => `0x${digit.repeat(40)}`) as [string, string, string];
const head = 'hash,from,to,value,timeStamp,blockNumber,tokenSymbol,contractAddress,isError,gasPrice,gasUsed';
const names = `address,name_tag,label\n${thief},ml_transit_0,heist\n`;
const heist = (...lines: readonly string[]) =>
  readHeist(
    'case',
    { file: 'transfers.csv', text: [head, ...lines].join('\n') },
    { file: 'addresses.csv', text: names },
  );
const line = (over: Readonly<Record<string, string>> = {}) => {
  const usual: Record<string, string> = {
    hash: '0xaa',
    from: thief,
    to: ann,
    value: '100',
    timeStamp: '1600000000',
    blockNumber: '7',
    tokenSymbol: '',
    contractAddress: '',
    isError: '0.0',
    gasPrice: '2',
    gasUsed: '3',
  };
  return head
    .split(',')
    .map((name) => over[name] ?? usual[name])
    .join(',');
};

describe('what is wrong is said', () => {
  it.each([
    ['value', '-5', "transfers.csv: line 3: value: must be a whole number that is not below 0, not '-5'"],
    ['value', '1.5', "transfers.csv: line 3: value: must be a whole number that is not below 0, not '1.5'"],
    ['value', '0x10', 'transfers.csv: line 3: value: must be a whole number'],
    ['from', '', 'transfers.csv: line 3: from: must be an address'],
    ['blockNumber', '1e12', 'transfers.csv: line 3: blockNumber: must be a whole number below 2^32'],
    ['isError', 'yes', 'transfers.csv: line 3: isError: must be 0, 1 or empty'],
  ])('%s of %s', (field, value, what) => {
    expect(() => heist(line(), line({ hash: '0xbb', [field]: value }))).toThrow(what);
  });

  it('lines that are cut off, quotes that are left open, columns that are not there', () => {
    expect(() => heist(line(), '0xbb,1')).toThrow('transfers.csv: line 3: has 2 fields, and the heading 11');
    expect(() => heist(line({ tokenSymbol: '"A' }))).toThrow(
      'transfers.csv: line 2: a quote is never closed',
    );
    expect(() => heist(line({ tokenSymbol: '"A"B' }))).toThrow('line 2: text stands behind a closing quote');
    expect(() => heist(line({ tokenSymbol: 'A"B' }))).toThrow('line 2: a quote stands inside a field');
    const without = { file: 'transfers.csv', text: `${head.replace('value', 'amount')}\n${line()}` };
    expect(() => readHeist('case', without, { file: 'addresses.csv', text: names })).toThrow(
      'transfers.csv: line 2: value:',
    );
    expect(() => readHeist('case', { file: 't.csv', text: '' }, { file: 'a.csv', text: names })).toThrow(
      't.csv: is empty',
    );
    const nobody = { file: 'a.csv', text: `address,name_tag,label\n${ann},,\n` };
    expect(() => readHeist('case', { file: 't.csv', text: head }, nobody)).toThrow(
      'a.csv: name_tag: nobody is',
    );
  });

  it('of launderings, tags and lists', () => {
    const edges = 'Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD';
    const edge = (time: string, value: string) => ({
      file: 'transfers.csv',
      text: `${edges}\n${time},7,0xaa,${thief},,${ann},,${value}`,
    });
    const [sources, terminals] = [
      { file: 'sources.txt', text: thief },
      { file: 'terminals.txt', text: 'a b' },
    ];
    const none = { file: 'terminals.txt', text: '' };
    expect(() => readLaunder('case', edge('2024-08-22', '1.00'), sources, none)).toThrow(
      'line 2: Timestamp: must be a time',
    );
    expect(() => readLaunder('case', edge('2024-08-22 14:05:59', '1.001'), sources, none)).toThrow(
      'line 2: Value_in_USD: must be dollars with at most two decimal places',
    );
    expect(() => readLaunder('case', edge('2024-08-22 14:05:59', '1.5'), sources, terminals)).toThrow(
      'terminals.txt: line 1: must be an address',
    );
    expect(() => readTagPack('t.yaml', 'title: a\ntags:\n- address: x\n- label: none\n')).toThrow(
      't.yaml: line 4: tags.1.address',
    );
    expect(() => readTagPack('t.yaml', 'title: [')).toThrow('t.yaml: is not YAML');
    expect(() => readSanctions('XBT.json', '["1a", 5]')).toThrow('XBT.json: entry 2:');
    expect(() => readSanctions('XBT.json', '[')).toThrow('XBT.json: is not JSON');
  });
});

describe('what is odd is read as it is', () => {
  it('numbers as a notebook writes them, to the last digit', () => {
    const { case: of } = heist(
      line({ value: '12345678901234567890123456789.0' }),
      line({ hash: '0xbb', value: '4e+18' }),
    );
    expect(heldBy(traced(of, 'fifo'), ann, 'ethereum:eth').taint).toBe(
      12_345_678_901_234_567_890_123_456_789n + 4n * 10n ** 18n,
    );
  });

  it('quoted names with commas, quotes and line ends', () => {
    const { case: of } = heist(line({ tokenSymbol: '"A, ""B""\r\nC"', contractAddress: bob }));
    expect(of.table.assets).toContain(`ethereum:${bob}`);
  });

  it('what failed moved nothing and cost its fee; what has no price costs none', () => {
    const { case: of } = heist(line({ isError: '1.0' }), line({ hash: '0xbb', gasPrice: '' }));
    const state = traced(of, 'fifo');
    expect(heldBy(state, ann, 'ethereum:eth').taint).toBe(100n);
    expect(resultOf(state).places.find(({ account }) => account === '(fees)')?.received).toBe(6n);
  });

  it('a transfer told twice counts once, also where one telling was rounded; inner ones that differ count each', () => {
    const inner = (value: string) => line({ value, to: bob, gasPrice: '' });
    const { case: of } = heist(
      line({ value: '100000000000000000001' }),
      line({ value: '1e+20' }),
      inner('7'),
      inner('8'),
    );
    expect(heldBy(traced(of, 'fifo'), bob, 'ethereum:eth').taint).toBe(15n);
    expect(heldBy(traced(of, 'fifo'), ann, 'ethereum:eth').taint).toBe(100_000_000_000_000_000_001n);
    expect(of.notes).toEqual(['lines that tell again of a transfer, which counts once: 1']);
  });

  it('a contract that is made, and one capitalised address', () => {
    const made = heist(
      line({ to: '', contractAddress: bob }),
      line({ hash: '0xbb', to: '', from: thief.toUpperCase().replace('X', 'x') }),
    );
    const state = traced(made.case, 'fifo');
    expect(heldBy(state, bob, 'ethereum:eth').taint).toBe(100n);
    expect(heldBy(state, '(made by 0xbb)', 'ethereum:eth').taint).toBe(100n);
  });

  it('to oneself moves nothing', () => {
    const { case: of } = heist(
      line(),
      line({ hash: '0xbb', from: ann, to: ann, value: '999', gasPrice: '' }),
    );
    expect(heldBy(traced(of, 'haircut'), ann, 'ethereum:eth')).toEqual({ units: 100n, taint: 100n });
  });
});
