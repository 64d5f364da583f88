"""A small contract in good form, of which the examples of the rules are made by changing one thing."""

from collections.abc import Mapping

FILE = "openapi.yaml"
SPECIMEN = """\
openapi: 3.1.0
info:
  title: Orders
  version: 1.2.0
  contact: {email: orders@shop.example}
servers: [{url: 'https://api.shop.example/v1'}]
security: [{token: []}]
paths:
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses:
        '200':
          description: The orders
          headers: {Link: {description: The next page (RFC 8288), schema: {type: string}}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Order'}}
        default: {$ref: '#/components/responses/Problem'}
    post:
      operationId: createOrder
      parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string}}]
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Order'}
            example: {order_id: 7, ship_to: Kiel}
      responses:
        '201': {description: The order, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '404': {$ref: '#/components/responses/Problem'}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: showOrder
      deprecated: true
      responses:
        '200': {description: The order, headers: {Sunset: {schema: {type: string}}}}
        '404': {$ref: '#/components/responses/Problem'}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Order: {type: object, properties: {order_id: {type: integer}, ship_to: {type: string}}}
    Problem: {type: object, properties: {status: {type: integer}, code: {enum: [ORDER_GONE]}}}
  responses:
    Problem:
      description: What went wrong (RFC 9457)
      content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}
"""


def good() -> Mapping[str, str]:
    """The contract as it is."""
    return {FILE: SPECIMEN}


def but(*changes: tuple[str, str]) -> Mapping[str, str]:
    """The contract with each first text in place of which there is the second."""
    text = SPECIMEN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return {FILE: text}
