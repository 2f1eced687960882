-- All leases whose owner lives, with the milliseconds it has left.
SELECT l.name, l.partition, l.owner, l.epoch,
       (extract(epoch FROM l.expires_at - clock_timestamp()) * 1000)::bigint AS left_ms
FROM skald.lease l
WHERE l.expires_at > clock_timestamp()
ORDER BY l.name, l.partition
