import { Body, Controller, Get, Header, Headers, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { Public } from './needs.decorator.ts';
import { IssuerMetadataDto, KeySetDto, TokenDto, TokenRequestDto } from './oauth.dto.ts';
import { OAuthService } from './oauth.service.ts';

@ApiTags('access')
@Controller()
export class OAuthController {
  readonly #oauth: OAuthService;

  constructor(oauth: OAuthService) {
    this.#oauth = oauth;
  }

  /**
   * Gives a ten-minute access token for an API key (RFC 6749 §4.4). The key goes into `client_secret` or the
   * `Authorization` header, `Basic` or `Bearer`. Refusals are problem documents as everywhere, not the RFC's `error`.
   */
  @Post('oauth/token')
  @HttpCode(200)
  @Public()
  @Header('Cache-Control', 'no-store')
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiOkResponse({ type: TokenDto })
  @ApiProblems(400, 401, 403, 413, 415)
  token(
    @Body() body: TokenRequestDto,
    @Headers('authorization') authorization: string | undefined,
    @Ip() address: string,
  ): Promise<TokenDto> {
    return this.#oauth.token(body, authorization, address);
  }

  /** Publishes the keys with which the service's own tokens are verified. */
  @Get('.well-known/jwks.json')
  @Public()
  @Header('Cache-Control', 'public, max-age=300')
  @ApiOkResponse({ type: KeySetDto })
  @ApiProblems()
  keySet(): KeySetDto {
    return this.#oauth.keySet();
  }

  /** Describes the service's own issuer (RFC 8414). */
  @Get('.well-known/oauth-authorization-server')
  @Public()
  @Header('Cache-Control', 'public, max-age=300')
  @ApiOkResponse({ type: IssuerMetadataDto })
  @ApiProblems()
  metadata(): IssuerMetadataDto {
    return this.#oauth.metadata();
  }
}
