/** Way: a link within the console; opened elsewhere as any link is. */
import type { ComponentProps } from 'react';
import { go } from './place.ts';

export function Way({ href, children, ...rest }: ComponentProps<'a'> & { readonly href: string }) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(href);
      }}
    >
      {children}
    </a>
  );
}
