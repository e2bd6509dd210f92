import { Injectable } from '@nestjs/common';
import { QuoteService } from '../releases/quote.service.ts';
import { ReleaseViewService } from '../releases/release-view.service.ts';
import { ReleasesService } from '../releases/releases.service.ts';

/** The doors of the releases capability that sizing goes through. */
@Injectable()
export class ReleaseGate {
  constructor(
    readonly releases: ReleasesService,
    readonly quotes: QuoteService,
    readonly view: ReleaseViewService,
  ) {}
}
