import type { AudienceDefinition } from './ast.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import type { Names } from './names.ts';
import { sentenceOf } from './phrasebook.ts';

export interface Sentences {
  readonly en: string;
  readonly fr: string;
}

/**
 * One plain sentence that says a whole definition, in English and in French, following the order in which it is written.
 * Definitions with different meanings never give the same sentence, as long as `names` tells their codes apart.
 */
export const describe = ({ rule, country }: AudienceDefinition, names: Names = {}): Sentences => ({
  en: sentenceOf(rule, country, names, ENGLISH),
  fr: sentenceOf(rule, country, names, FRENCH),
});
