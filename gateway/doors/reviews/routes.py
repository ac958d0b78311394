"""The routes of reviews."""

from fastapi import APIRouter, Request, Response

from gateway.doors.reviews.door import REVIEWS_PATH, ReviewDoor


def review_routes(door: ReviewDoor) -> APIRouter:
    """The routes of reviews."""
    router = APIRouter()

    @router.post(REVIEWS_PATH)
    async def ask(request: Request) -> Response:
        """Ask for a review, as a 278 does."""
        return await door.answered(door.ask(request))

    @router.get(REVIEWS_PATH)
    async def waiting(request: Request) -> Response:
        """The reviews that wait for a reviewer, those received first in front."""
        return await door.answered(door.list_waiting(request))

    @router.get(f"{REVIEWS_PATH}/{{number}}")
    async def review(number: str, request: Request) -> Response:
        """The review with this certification number or administrative reference."""
        return await door.answered(door.tell(number, request))

    @router.post(f"{REVIEWS_PATH}/{{number}}/decision")
    async def decision(number: str, request: Request) -> Response:
        """Decide a pended review."""
        return await door.answered(door.decide(number, request))

    return router
