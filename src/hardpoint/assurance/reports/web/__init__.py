"""What a site answers, judged by its headers as the MDN HTTP Observatory judges them."""
