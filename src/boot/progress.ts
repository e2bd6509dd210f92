import type { WriteStream } from 'node:tty';
import type { StartListener } from './service.ts';

const STAGE_TEXTS = { members: 'making members', lines: 'making baskets', finishing: 'sorting and writing' } as const;

/** Share of the work between two lines where the output is no terminal. */
const LINE_STEP = 0.1;

/** Shows the start: a bar that moves on a terminal, a line for each tenth elsewhere. */
export function showProgress(out: WriteStream): StartListener {
  let shown = -1;
  return {
    stage: (text) => void out.write(`Haven: ${text}\n`),
    progress: ({ stage, fraction }) => {
      const text = `  demo retailer: ${STAGE_TEXTS[stage]} ${Math.round(fraction * 100)} %`;
      if (out.isTTY) out.write(`\r\u001b[K${text}${fraction === 1 ? '\n' : ''}`);
      else if (fraction === 1 || fraction >= shown + LINE_STEP) {
        shown = fraction;
        out.write(`${text}\n`);
      }
    },
  };
}
