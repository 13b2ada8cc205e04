/** Mark: a state, by shape, colour and word; whoever sees no colour sees the shape, whoever sees neither hears the word. */
import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'move';
type Shape = 'dot' | 'ring' | 'half' | 'square' | 'diamond' | 'cross' | 'check' | 'gap';

const shapes: Readonly<Record<Shape, ReactNode>> = {
  dot: <circle cx="8" cy="8" r="6" fill="currentColor" />,
  ring: <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="2.5" />,
  half: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  square: <rect x="2" y="2" width="12" height="12" rx="1" fill="currentColor" />,
  diamond: <path d="M8 1.5 14.5 8 8 14.5 1.5 8z" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  cross: <path d="M3 3l10 10M13 3 3 13" fill="none" stroke="currentColor" strokeWidth="2.6" />,
  check: <path d="M2 8.5 6.3 13 14 3.5" fill="none" stroke="currentColor" strokeWidth="2.6" />,
  gap: (
    <circle
      cx="8"
      cy="8"
      r="5.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeDasharray="2.6 3.1"
    />
  ),
};

export function Mark({
  tone,
  shape,
  children,
}: {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly children: ReactNode;
}) {
  return (
    <span className={`mark ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[shape]}
      </svg>
      <span>{children}</span>
    </span>
  );
}

const looks: Readonly<Record<string, readonly [Tone, Shape]>> = {
  running: ['good', 'dot'],
  watch: ['warn', 'diamond'],
  stopped: ['bad', 'square'],
  thawing: ['warn', 'half'],
  frozen: ['bad', 'square'],
  alive: ['good', 'dot'],
  closed: ['calm', 'ring'],
  blind: ['warn', 'diamond'],
  behind: ['warn', 'diamond'],
  failing: ['bad', 'gap'],
  silent: ['bad', 'gap'],
  spare: ['calm', 'ring'],
  requested: ['calm', 'ring'],
  held: ['calm', 'ring'],
  screened: ['calm', 'ring'],
  'awaiting-approval': ['warn', 'diamond'],
  planned: ['move', 'half'],
  witnessed: ['move', 'half'],
  signed: ['move', 'half'],
  sent: ['move', 'half'],
  unknown: ['warn', 'gap'],
  confirmed: ['move', 'dot'],
  final: ['good', 'check'],
  expired: ['warn', 'gap'],
  returned: ['calm', 'cross'],
  refused: ['bad', 'cross'],
  disputed: ['bad', 'square'],
};

export function StateMark({ state, children }: { readonly state: string; readonly children: ReactNode }) {
  const [tone, shape] = looks[state] ?? ['calm', 'ring'];
  return (
    <Mark tone={tone} shape={shape}>
      {children}
    </Mark>
  );
}
