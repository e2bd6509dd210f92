import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DomainError } from '#core';
import type { ErrorCode } from '#core';
import { Produces } from './accept.guard.ts';
import { PROBLEMS, isProblemCode, problemTypeUri } from './problem.ts';
import type { ProblemType } from './problem.ts';
import { Public } from './public.decorator.ts';

interface ProblemPage extends ProblemType {
  readonly type: string;
  readonly code: ErrorCode;
}

/** The pages behind the `type` of problem documents: each kind explained, as JSON or, to a browser, as HTML. */
@ApiExcludeController()
@Controller('problems')
@Produces('application/json', 'text/html')
export class ProblemsController {
  /** Every kind of problem. */
  @Public()
  @Get()
  list(@Req() request: Request, @Res() response: Response): void {
    const pages = Object.keys(PROBLEMS).filter(isProblemCode).map(pageOf);
    sendPage(request, response, { json: { data: pages }, title: 'Problems', sections: pages });
  }

  /** One kind of problem. */
  @Public()
  @Get(':code')
  one(@Param('code') code: string, @Req() request: Request, @Res() response: Response): void {
    if (!isProblemCode(code)) throw new DomainError('not-found', { public: 'There is no problem of this name.' });
    const page = pageOf(code);
    sendPage(request, response, { json: page, title: page.title, sections: [page] });
  }
}

const pageOf = (code: ErrorCode): ProblemPage => ({ type: problemTypeUri(code), code, ...PROBLEMS[code] });

interface PageContent {
  readonly json: object;
  readonly title: string;
  readonly sections: readonly ProblemPage[];
}

/** The catalogue is part of the program, so it may be cached, and nothing in it needs more than escaping for text. */
function sendPage(request: Request, response: Response, { json, title, sections }: PageContent): void {
  response.set({ 'Cache-Control': 'public, max-age=3600', Vary: 'Accept' });
  if (request.accepts(['application/json', 'text/html']) !== 'text/html') {
    response.json(json);
    return;
  }
  response
    .type('html')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title><body>` +
        sections.map(section).join('') +
        '</body></html>\n',
    );
}

const section = ({ code, status, title, meaning, retryable }: ProblemPage): string =>
  `<h1>${escapeHtml(title)}</h1><p><code>${code}</code>, HTTP ${status}, ` +
  `${retryable ? 'may succeed later' : 'will not succeed unchanged'}</p><p>${escapeHtml(meaning)}</p>`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
