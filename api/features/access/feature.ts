import { sessionRoutes } from './access.routes';

/** Who a caller is. Signing in comes before the check of callers, so the app mounts it by itself. */
export const accessFeature = () => ({ routes: sessionRoutes() });
