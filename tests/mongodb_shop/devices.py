"""What is measured: devices in the field and their readings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pymongo import IndexModel

from tests.mongodb_shop.making import DAYS, END, Collection, Document, Maker

_DEVICES = 40
_SAMPLES = 2500
"""Of the oldest device; the newest has none."""


def collections(maker: Maker) -> Iterator[Collection]:
    """Devices first: others refer to them."""
    documents: list[Document] = []
    for number in range(_DEVICES):
        at = maker.moment(number, _DEVICES)
        place = [round(maker.random.uniform(6, 15), 5), round(maker.random.uniform(47, 55), 5)]
        documents.append(
            {
                "_id": maker.identifier(at),
                "serial": maker.digits(12),
                "model": f"M{number % 3}",
                "installedAt": at,
                "location": {"type": "Point", "coordinates": place},
            }
        )
    maker.devices = [document["_id"] for document in documents]
    indexes = [IndexModel({"serial": 1}, unique=True, name="by_serial"), IndexModel({"location": "2dsphere"})]
    yield Collection("devices", documents, indexes)
    yield _device_states(maker)
    yield _readings(maker)
    yield _temperatures(maker)
    yield _stores(maker)


def _device_states(maker: Maker) -> Collection:
    """One document for each device, to which every sample is appended."""
    documents: list[Document] = []
    for device in maker.devices:
        age = (END - device.generation_time).days
        documents.append(
            {
                "_id": device,
                "online": True,
                "samples": [
                    {"at": END - timedelta(hours=sample), "value": round(maker.random.uniform(10, 30), 1)}
                    for sample in range(_SAMPLES * age // DAYS, 0, -1)
                ],
            }
        )
    return Collection("deviceStates", documents)


def _readings(maker: Maker) -> Collection:
    """Measurements in a plain collection: inserted, never changed."""
    of = maker.count(2500)
    documents: list[Document] = []
    for number in range(of):
        at = END - timedelta(minutes=of - number)
        documents.append(
            {
                "_id": maker.identifier(at),
                "deviceId": maker.devices[number % _DEVICES],
                "at": at,
                "temperature": round(maker.random.uniform(10, 30), 2),
                "humidity": round(maker.random.uniform(30, 70), 1),
            }
        )
    return Collection("readings", documents, [IndexModel({"deviceId": 1, "at": 1}, name="by_device")])


def _temperatures(maker: Maker) -> Collection:
    """The same as it should be."""
    of = maker.count(1000)
    documents: list[Document] = [
        {
            "at": END - timedelta(minutes=of - number),
            "device": maker.devices[number % _DEVICES],
            "value": round(maker.random.uniform(10, 30), 2),
        }
        for number in range(of)
    ]
    return Collection("temperatures", documents, options={"timeseries": {"timeField": "at", "metaField": "device"}})


def _stores(maker: Maker) -> Collection:
    """Places as bare pairs of numbers, without an index for them."""
    documents: list[Document] = [
        {
            "_id": number,
            "name": maker.text(2),
            "location": [round(maker.random.uniform(6, 15), 5), round(maker.random.uniform(47, 55), 5)],
        }
        for number in range(60)
    ]
    return Collection("stores", documents)
