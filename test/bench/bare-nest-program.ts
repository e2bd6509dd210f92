import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';

// A program: the least that Nest on Express does for an answer. Prints its URL and serves GET /ping until it is ended.

class PingController {
  ping(): { status: string } {
    return { status: 'ok' };
  }
}

// oxlint-disable-next-line typescript/no-extraneous-class -- a Nest module is an empty class
class PingModule {}

// Decorators are called, since Node runs this file as it is and has no syntax for them.
const ping = Object.getOwnPropertyDescriptor(PingController.prototype, 'ping');
if (ping === undefined) throw new TypeError('the controller has no ping');
Get('ping')(PingController.prototype, 'ping', ping);
Controller()(PingController);
Module({ controllers: [PingController] })(PingModule);

const app = await NestFactory.create(PingModule, new ExpressAdapter(), { logger: false, bodyParser: false });
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
process.once('SIGTERM', () => process.exit(0));
