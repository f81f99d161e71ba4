/** Answers the apiserver's ConversionReviews for BGPPeer; the conversion itself is the core's. */
import type { RequestHandler } from 'express';
import { answerConversion } from '../core/api/conversion-review.ts';
import { sendFault } from './http-fault.ts';

export const convertPeers: RequestHandler = (request, response) => {
  const review = answerConversion(request.body);
  if (review) response.json(review);
  else sendFault(response, 400, 'not a ConversionReview: request needs uid, desiredAPIVersion and objects');
};
