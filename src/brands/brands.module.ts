import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.ts';
import { AgencyGrant } from './agency-grant.entity.ts';
import { Agency } from './agency.entity.ts';
import { Brand } from './brand.entity.ts';
import { BrandsController } from './brands.controller.ts';
import { BrandsService } from './brands.service.ts';

@Module({
  imports: [TypeOrmModule.forFeature([Agency, AgencyGrant, Brand]), AuditModule],
  controllers: [BrandsController],
  providers: [BrandsService],
  exports: [BrandsService],
})
export class BrandsModule {}
