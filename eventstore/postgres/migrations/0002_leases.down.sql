DROP FUNCTION skald.renew_leases;
DROP VIEW skald.lease;
DROP TABLE skald.leases, skald.lease_owners;
