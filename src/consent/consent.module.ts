import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { ConsentController } from './consent.controller.ts';
import { ConsentService } from './consent.service.ts';

@Module({
  imports: [AuditModule],
  controllers: [ConsentController],
  providers: [ConsentService],
  exports: [ConsentService],
})
export class ConsentModule {}
