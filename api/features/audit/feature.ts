import { auditRoutes } from './audit.routes';
import type { AuditUsecases } from './audit.usecases';

/** Who changed what. */
export const auditFeature = (given: { audit: AuditUsecases }) => ({ routes: auditRoutes(given.audit) });
