SELECT h.partition
FROM unnest(skald.renew_leases($1, $2, $3, $4 * interval '1 millisecond')) AS h(partition)
