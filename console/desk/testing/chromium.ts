/** Debian's Chromium, driven over its own protocol, with an authenticator that is made of software. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import axe from 'axe-core';

const executablePath = '/usr/bin/chromium';

/** Whether the machine has it. `.ci/run` installs it, and demands it by KURAMORI_REQUIRE_CHROMIUM. */
export function hasChromium(): boolean {
  const there = existsSync(executablePath);
  if (!there && process.env['KURAMORI_REQUIRE_CHROMIUM'] === '1')
    throw new Error('chromium is not installed, and KURAMORI_REQUIRE_CHROMIUM asks for it');
  return there;
}

export function openChromium(): Promise<Browser> {
  // Root has no sandbox for it; its pages are our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

export const sizes = {
  desktop: { width: 1280, height: 860 },
  phone: { width: 390, height: 844 },
} as const;

export interface Seat {
  readonly context: BrowserContext;
  readonly page: Page;
  /** One for all: whoever closes another takes the authenticator away. */
  readonly devtools: CDPSession;
  /** What the browser complained of: scripts that failed, and what the policy has kept out. */
  readonly complaints: string[];
}

/** Somebody's browser, with an authenticator that knows its person. */
export async function openSeat(browser: Browser, origin: string, size: keyof typeof sizes): Promise<Seat> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: sizes[size],
    deviceScaleFactor: size === 'phone' ? 2 : 1,
    locale: 'en-GB',
    timezoneId: 'Asia/Tokyo',
    colorScheme: 'light',
    hasTouch: size === 'phone',
  });
  // What is not there after that does not come.
  context.setDefaultTimeout(5_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 40[13]|ERR_CONNECTION|ERR_INCOMPLETE/.test(message.text()))
      complaints.push(message.text());
  });
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { context, page, devtools, complaints };
}

/** What axe finds grave or serious on a page, in a line each. By the protocol, since the page's policy lets no script in. */
export async function seriousOn({ devtools }: Seat): Promise<readonly string[]> {
  const run = `${axe.source}; axe.run(document, { resultTypes: ['violations'] }).then((found) =>
    JSON.stringify(found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ') + ' ' + node.failureSummary).join('; '))))`;
  const { result } = await devtools.send('Runtime.evaluate', {
    expression: run,
    awaitPromise: true,
    returnByValue: true,
  });
  return JSON.parse(String(result.value)) as readonly string[];
}

/** Targets smaller than a thumb, and whether one has to scroll sideways. */
export function clumsyOn(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const small = [...document.querySelectorAll('a, button, input:not([type=checkbox]), select')].flatMap(
      (one) => {
        const { width, height } = one.getBoundingClientRect();
        // A row's link is as large as its row.
        if (one.closest('.row') || height === 0 || (width >= 44 && height >= 44)) return [];
        return `${one.textContent || one.tagName}: ${width}x${height}`;
      },
    );
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...small, `${scrollWidth} wide on ${clientWidth}`] : small;
  });
}

const pictures = fileURLToPath(new URL('../../../.kuramori/console/', import.meta.url));

/** Kept for people to look at; no test compares it. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
