"""PaaS modules: what hangs beside the alerting core and knows it by `core.module` alone."""
