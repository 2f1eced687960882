#!/usr/bin/env python3
"""Reads skald.events as any other system would, and prints a line of JSON per event.

python consumer.py --brokers 127.0.0.1:9092 --schemas ../../.. --state seen.json

Nothing of Skald is needed but its .proto files. README.md beside this says what such a consumer has
to take care of.
"""

import argparse
import json
import os
import pathlib
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from progress import Progress, Refused, is_new
from schemas import Schemas, UnknownEvent

HERE = pathlib.Path(__file__).resolve().parent


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Exit codes: 0 done, 1 Kafka or a schema failed, 3 refused (events missing, or of an"
        " older era).",
    )
    parser.add_argument(
        "--brokers",
        default=os.environ.get("SKALD_KAFKA"),
        metavar="HOST:PORT,...",
        required="SKALD_KAFKA" not in os.environ,
    )
    parser.add_argument("--topic", default=os.environ.get("SKALD_TOPIC", "skald.events"))
    parser.add_argument(
        "--schemas",
        type=pathlib.Path,
        default=HERE.parents[2],
        metavar="FOLDER",
        help="where the folder schemas/ with the .proto files is",
    )
    parser.add_argument(
        "--state",
        type=pathlib.Path,
        metavar="FILE",
        help="keep the place here, to go on from next time; else read from the start",
    )
    parser.add_argument("--max", type=int, metavar="N", help="stop after N events")
    parser.add_argument(
        "--until-quiet", type=float, metavar="S", help="stop when nothing has come for S seconds"
    )
    return parser.parse_args()


def subscribe(options: argparse.Namespace, progress: Progress) -> Consumer:
    """Every partition, from our own place on. The client's group and its commits are not used: a
    place that is kept apart from the results can only disagree with them."""
    consumer = Consumer(
        {
            "bootstrap.servers": options.brokers,
            "group.id": "unused",  # the client insists on one
            "enable.auto.commit": False,
            "auto.offset.reset": "error",  # never skip in silence when our place is gone
            "allow.auto.create.topics": False,
        }
    )
    topic = consumer.list_topics(options.topic, timeout=10).topics[options.topic]
    if topic.error:
        raise KafkaException(topic.error)
    consumer.assign(
        [
            TopicPartition(
                options.topic, partition, progress.of(partition).offset or OFFSET_BEGINNING
            )
            for partition in topic.partitions
        ]
    )
    return consumer


def event_of(record, headers: dict[str, str], schemas: Schemas) -> dict:
    """CloudEvents attributes come as headers with ce_ before their names."""
    return {
        "partition": record.partition(),
        "position": int(headers["skald_position"]),
        "era": int(headers["skald_era"]),
        "stream": headers["ce_subject"],
        "version": int(headers["skald_version"]),
        "type": headers["ce_type"],
        "event_id": headers["ce_id"],
        "time": headers["ce_time"],
        "data": schemas.decode(message_of(headers["ce_dataschema"]), record.value()),
    }


def message_of(dataschema: str) -> str:
    """skald.product.v2.PriceSet for a URI that ends in product.price_set/2, event type and schema
    version: each version of a message is in the package of that version.
    """
    event_type, version = dataschema.split("/")[-2:]
    category, happening = event_type.split(".")
    words = happening.replace("_", " ").title().replace(" ", "")
    return f"skald.{category}.v{version}.{words}"


def consume(options: argparse.Namespace) -> dict[str, int]:
    schemas = Schemas(options.schemas)
    progress = Progress(options.state)
    consumer = subscribe(options, progress)
    counts = {"taken": 0, "repeats": 0}
    last = time.monotonic()
    try:
        while options.max is None or counts["taken"] < options.max:
            records = consumer.consume(100, timeout=0.2)
            for record in records:
                if record.error():
                    raise KafkaException(record.error())
                headers = {name: value.decode() for name, value in record.headers()}
                position, era = int(headers["skald_position"]), int(headers["skald_era"])
                place = progress.of(record.partition())
                if is_new(place, position, era):
                    print(json.dumps(event_of(record, headers, schemas)))
                    place.position, place.era = position, era
                    counts["taken"] += 1
                else:
                    counts["repeats"] += 1
                place.offset = record.offset() + 1
                if counts["taken"] == options.max:
                    break
            if records:
                last = time.monotonic()
                sys.stdout.flush()
                progress.save()
            elif options.until_quiet and time.monotonic() - last >= options.until_quiet:
                break
    finally:
        sys.stdout.flush()
        progress.save()
        consumer.close()
    return counts


def main() -> int:
    options = arguments()
    try:
        counts = consume(options)
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 3
    except (KafkaException, UnknownEvent, FileNotFoundError) as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"{counts['taken']} events, {counts['repeats']} repeats dropped", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
